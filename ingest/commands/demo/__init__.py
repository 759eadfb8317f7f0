"""`cahot demo`: the whole system on one machine, scored against the truth.

Cars drive a simulated city; each phone's recording goes through the phone's own code over HTTP to a real `cahot serve`. What
is simulated is the road, the cars and the sensors; everything after the sensors is the real thing.
"""

from ingest.commands.demo.command import demo

__all__ = ["demo"]

"""`cahot phone`: the phone app on this machine, its sensors replaced by a recording, a simulated drive or a phone that pushes.

Everything after the sensors is the app's own: the recorder's process, the screens', the upload to a real `cahot serve`.
"""

from ingest.commands.phone.command import phone

__all__ = ["phone"]

"""An Android phone's sensors by our own listeners (pyjnius), from the recorder's service or from the screens' Activity.

plyer's listener asks for about 5 Hz, keeps the last value only and knows no stamps; this one asks for a rate, lets the sensor
hub collect samples while the processor sleeps, and keeps each sample's own stamp. pyjnius is imported when a source starts.
"""

from mobile_app.sensors.android.source import AndroidSource

__all__ = ["AndroidSource"]

"""What sources tell `Sink.trouble`, word for word, so that whoever hears it can tell one cause from another."""

from __future__ import annotations

NO_PERMISSION = "this app may not use the phone's location; allow it in the settings"
LOCATION_OFF = "location is switched off on this phone; switch it on"
NO_SATELLITES = "this device has no satellite receiver"
MISSING = "this device has no such sensor"
REFUSED = "the system refuses this sensor"
SILENT = "the sensor fell silent and does not come back"
SLOW = "the sensor gives fewer samples than jolts need"
INVENTED = "another app invents the phone's location; such fixes are left out"

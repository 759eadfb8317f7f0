"""Why something waits, is stuck or stays here, and what to do about it: every such sentence, once, in English."""

from __future__ import annotations

from mobile_app.said import N_

NO_SERVER = N_("No city is chosen yet. Enter its address in Settings.")
BAD_ADDRESS = N_("“{address}” is not the address of a server. Check it in Settings.")
NO_CONSENT = N_("Nothing is sent before you agree to it.")
PAUSED = N_("Paused. Sending goes on when the pause ends.")
OFFLINE = N_("No network. It is sent once there is one.")
WAITS_FOR_WIFI = N_("Waiting for Wi-Fi. To send over mobile data as well, change that in Settings.")
LINK_UNKNOWN = N_("This phone does not say whether it is on Wi-Fi. To send all the same, allow mobile data in Settings.")

UNREACHABLE = N_("The city’s server cannot be reached. It is tried again by itself.")
COME_LATER = N_("The city’s server is busy. It is tried again by itself.")
SIGN_IN = N_("Something other than the city’s server answers. Sign in to this network, or check the address in Settings.")
CERTIFICATE = N_(
    "The server’s certificate does not hold on {date}. If that is not today, set the phone’s clock; else tell the city."
)
CLOCK = N_("This phone’s clock is wrong: it says {date}. Set date and time to automatic.")
NEEDS_CODE = N_("This city asks for an enrolment code. Enter it in Settings.")
CODE_REFUSED = N_("The city does not know this enrolment code. Ask for a new one and enter it in Settings.")
NOT_ENROLLED = N_("The city’s server does not take this phone in. Check the address in Settings.")
NOT_KNOWN = N_("The city’s server does not know this phone any more. Ask the city; what you recorded stays here until then.")
REGISTERS_AGAIN = N_("The city’s server does not know this phone any more. It registers again by itself; nothing is lost.")
APP_TOO_OLD = N_("The city’s server needs a newer version of this app. Update it; what you recorded stays here until then.")
STORAGE = N_("This phone’s storage is full or does not answer. Make room; nothing that waits is lost.")

DELETION_WAITS = N_(
    "What you deleted here is deleted on the server, too, as soon as it can be reached. Nothing is sent before that."
)
DELETION_FAILED = N_("Deleted here. The server does not know this phone any more and could not be asked: write to the city.")

BEING_CUT = N_("Its ends are being cut off. It can be sent in a moment.")
ALL_WITHHELD = N_("All of this trip lies where nothing is ever sent from.")
PARTS_REFUSED = N_("The server did not take {count} of {of} parts: {reason}")
CANNOT_CLOSE = N_("The server cannot complete this trip: {reason}")
GONE = N_("This trip was deleted on the server.")

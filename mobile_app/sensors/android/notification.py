"""The notification of the recorder's foreground service: ours in place of python-for-android's, whose channel is not shown."""

from __future__ import annotations

from typing import Any

from mobile_app.sensors.android.context import context, java, sdk, service

CHANNEL = "recording"
NUMBER = 4217  # any but python-for-android's own, which is that of the service (from 1)
LOW = 2  # NotificationManager.IMPORTANCE_LOW: shown, silent
LOCATION = 8  # ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION
IMMUTABLE = 0x0400_0000  # PendingIntent.FLAG_IMMUTABLE
CHANNELS_SDK, TYPES_SDK = 26, 29


def show(title: str, text: str, channel_name: str) -> None:
    """Puts the service into the foreground with this notification, or changes its words. A tap opens the app.

    channel_name: as the phone's settings call it. To be called in the service alone.
    """
    here = context()
    if sdk() >= CHANNELS_SDK:
        channel = java("android.app.NotificationChannel")(CHANNEL, _text(channel_name), LOW)
        service("notification", "android.app.NotificationManager").createNotificationChannel(channel)
        builder = java("android.app.Notification$Builder")(here, CHANNEL)
    else:
        builder = java("android.app.Notification$Builder")(here)
    builder.setContentTitle(_text(title)).setContentText(_text(text)).setOngoing(True)
    builder.setSmallIcon(here.getApplicationInfo().icon)
    opens = here.getPackageManager().getLaunchIntentForPackage(here.getPackageName())
    if opens is not None:
        builder.setContentIntent(java("android.app.PendingIntent").getActivity(here, 0, opens, IMMUTABLE))
    if sdk() >= TYPES_SDK:
        here.startForeground(NUMBER, builder.build(), LOCATION)
    else:
        here.startForeground(NUMBER, builder.build())


def _text(words: str) -> Any:
    """A CharSequence: pyjnius finds the method only for what is one already."""
    from jnius import cast

    return cast("java.lang.CharSequence", java("java.lang.String")(words))

package org.cahot;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.os.Bundle;
import android.util.Log;
import org.kivy.android.PythonActivity;
import org.kivy.android.PythonService;

/**
 * The service that Python records in: python-for-android's, with a notification that a person can read, and which ends itself
 * instead of crashing where the system forbids it to start. Android wants both within seconds, before Python is up.
 */
public class RecorderService extends PythonService {
    private static final String CHANNEL = "recorder";
    private static final int SAYS_STOPPED = 1000; // beside getServiceId(), which is 1

    @Override
    protected void doStartForeground(Bundle extras) {
        try {
            startForeground(getServiceId(), notification("cahot_recorder_runs", true));
        } catch (RuntimeException refused) { // SecurityException, ForegroundServiceStartNotAllowedException
            Log.w("cahot", "the recorder may not start now", refused);
            manager().notify(SAYS_STOPPED, notification("cahot_recorder_stopped", false));
            stopSelf(); // onDestroy ends the process
            return;
        }
        manager().cancel(SAYS_STOPPED);
    }

    private Notification notification(String text, boolean lasting) {
        Notification.Builder builder;
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            NotificationChannel channel =
                    new NotificationChannel(CHANNEL, string("cahot_recorder"), NotificationManager.IMPORTANCE_LOW);
            channel.setShowBadge(false);
            manager().createNotificationChannel(channel);
            builder = new Notification.Builder(this, CHANNEL);
        } else {
            builder = new Notification.Builder(this);
        }
        int flags = PendingIntent.FLAG_IMMUTABLE | PendingIntent.FLAG_UPDATE_CURRENT;
        PendingIntent open = PendingIntent.getActivity(this, 0, new Intent(this, PythonActivity.class), flags);
        int icon = getResources().getIdentifier("cahot_status", "drawable", getPackageName());
        return builder.setContentTitle("Cahot")
                .setContentText(string(text))
                .setContentIntent(open)
                .setSmallIcon(icon != 0 ? icon : getApplicationInfo().icon)
                .setOngoing(lasting)
                .setAutoCancel(!lasting)
                .build();
    }

    private NotificationManager manager() {
        return (NotificationManager) getSystemService(Context.NOTIFICATION_SERVICE);
    }

    /** By name: the class R lies in a package of whoever builds. */
    private String string(String name) {
        return getString(getResources().getIdentifier(name, "string", getPackageName()));
    }
}

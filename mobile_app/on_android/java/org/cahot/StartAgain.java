package org.cahot;

import android.Manifest;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.os.Build;
import android.util.Log;
import org.cahot.cahot.ServiceRecorder;

/** Starts the recorder after a restart of the phone and after an update of the app, where Android lets it. */
public class StartAgain extends BroadcastReceiver {
    @Override
    public void onReceive(Context context, Intent intent) {
        String action = intent.getAction();
        if (!Intent.ACTION_BOOT_COMPLETED.equals(action) && !Intent.ACTION_MY_PACKAGE_REPLACED.equals(action)) {
            return;
        }
        if (!mayStart(context)) { // never asked, refused, or while using the app only
            return;
        }
        Intent recorder = ServiceRecorder.getDefaultIntent(context, "", "", "", "");
        try {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
                context.startForegroundService(recorder); // ServiceRecorder.start is for an app on the screen
            } else {
                context.startService(recorder);
            }
        } catch (RuntimeException refused) {
            Log.w("cahot", "the recorder may not start now", refused);
        }
    }

    /** Location from the background, asked for after consent only. */
    private static boolean mayStart(Context context) {
        String needed =
                Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q
                        ? Manifest.permission.ACCESS_BACKGROUND_LOCATION
                        : Manifest.permission.ACCESS_FINE_LOCATION;
        return context.checkCallingOrSelfPermission(needed) == PackageManager.PERMISSION_GRANTED;
    }
}

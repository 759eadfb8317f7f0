package android.location;

import android.os.Handler;
import android.os.Looper;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

public class LocationManager {
    public static boolean allowed = true;
    public static boolean enabled = true;
    private static final Map<LocationListener, Looper> LISTENERS = new HashMap<>();

    public List<String> getAllProviders() {
        return Arrays.asList("passive", "network", "gps");
    }

    public boolean isProviderEnabled(String provider) {
        return enabled;
    }

    public void requestLocationUpdates(
            String provider, long minTimeMs, float minDistanceM, LocationListener listener, Looper looper) {
        if (!allowed) {
            throw new SecurityException("\"gps\" location provider requires ACCESS_FINE_LOCATION permission.");
        }
        synchronized (LocationManager.class) {
            LISTENERS.put(listener, looper);
        }
    }

    public void requestLocationUpdates(
            long minTimeMs, float minDistanceM, Criteria criteria, LocationListener listener, Looper looper) {
        throw new IllegalStateException("the wrong overload");
    }

    public void removeUpdates(LocationListener listener) {
        synchronized (LocationManager.class) {
            LISTENERS.remove(listener);
        }
    }

    /** Several at once, as Android 12 and newer do; one as all do. */
    public static synchronized int deliver(Location... places) {
        LISTENERS.forEach((listener, looper) -> new Handler(looper).post(() -> {
            if (places.length == 1) {
                listener.onLocationChanged(places[0]);
            } else {
                listener.onLocationChanged(Arrays.asList(places));
            }
        }));
        return LISTENERS.size();
    }

    public static synchronized void deliverTwo(Location first, Location second) {
        deliver(first, second);
    }

    public static synchronized void switchTo(boolean on) {
        enabled = on;
        LISTENERS.forEach((listener, looper) -> new Handler(looper).post(() -> {
            if (on) { listener.onProviderEnabled("gps"); } else { listener.onProviderDisabled("gps"); }
        }));
    }
}

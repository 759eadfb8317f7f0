package android.hardware;

import android.os.Handler;
import android.os.SystemClock;
import java.util.HashMap;
import java.util.Map;

/** As on a phone: listeners in a map by their own hash, one event object filled again and again, all on the handler's thread. */
public class SystemSensorManager extends SensorManager {
    public static boolean gyroscope = true;
    public static boolean refuseFast = false;
    public static int registered = 0;
    public static int lastPeriodUs = 0;
    public static int lastLatencyUs = 0;
    private static final Map<SensorEventListener, Registration> LISTENERS = new HashMap<>();
    private static final Map<TriggerEventListener, Sensor> TRIGGERS = new HashMap<>();

    private static final class Registration {
        final Sensor sensor;
        final Handler handler;
        final SensorEvent event = new SensorEvent();

        Registration(Sensor sensor, Handler handler) {
            this.sensor = sensor;
            this.handler = handler;
        }
    }

    /** Posts a batch: value i of each axis is i, i + 0.5, 9.75; stamps from firstNs on. Returns how many listeners get it. */
    public static synchronized int deliver(int type, int count, long firstNs, long stepNs) {
        int told = 0;
        for (Map.Entry<SensorEventListener, Registration> entry : LISTENERS.entrySet()) {
            Registration one = entry.getValue();
            if (one.sensor.getType() == type) {
                told++;
                one.handler.post(() -> {
                    for (int i = 0; i < count; i++) {
                        one.event.sensor = one.sensor;
                        one.event.timestamp = firstNs + i * stepNs;
                        one.event.values[0] = i % 64;
                        one.event.values[1] = i % 64 + 0.5f;
                        one.event.values[2] = 9.75f;
                        entry.getKey().onSensorChanged(one.event);
                    }
                    java.util.Arrays.fill(one.event.values, Float.NaN);
                });
            }
        }
        return told;
    }

    public static synchronized int move() {
        Map<TriggerEventListener, Sensor> fired = new HashMap<>(TRIGGERS);
        TRIGGERS.clear();
        fired.forEach((listener, sensor) -> new Thread(() -> listener.onTrigger(new TriggerEvent())).start());
        return fired.size();
    }

    public static synchronized int listening() {
        return LISTENERS.size();
    }

    public static synchronized int armed() {
        return TRIGGERS.size();
    }

    @Override
    public Sensor getDefaultSensor(int type) {
        return type == 4 && !gyroscope ? null : new Sensor(type, type == 17);
    }

    @Override
    public Sensor getDefaultSensor(int type, boolean wakeUp) {
        return new Sensor(type, wakeUp);
    }

    @Override
    public boolean registerListener(
            SensorEventListener listener, Sensor sensor, int periodUs, int latencyUs, Handler handler) {
        if (refuseFast && periodUs < 5000) {
            throw new SecurityException("To use the sampling rate of 0 microseconds, app needs HIGH_SAMPLING_RATE_SENSORS");
        }
        synchronized (SystemSensorManager.class) {
            LISTENERS.put(listener, new Registration(sensor, handler));
            registered++;
            lastPeriodUs = periodUs;
            lastLatencyUs = latencyUs;
        }
        return true;
    }

    @Override
    public void unregisterListener(SensorEventListener listener) {
        synchronized (SystemSensorManager.class) {
            LISTENERS.remove(listener);
        }
    }

    @Override
    public void unregisterListener(SensorEventListener listener, Sensor sensor) {
        unregisterListener(listener);
    }

    @Override
    public boolean flush(SensorEventListener listener) {
        synchronized (SystemSensorManager.class) {
            Registration one = LISTENERS.get(listener);
            if (one == null || !(listener instanceof SensorEventListener2)) {
                return false;
            }
            one.handler.post(() -> ((SensorEventListener2) listener).onFlushCompleted(one.sensor));
            return true;
        }
    }

    @Override
    public boolean requestTriggerSensor(TriggerEventListener listener, Sensor sensor) {
        synchronized (SystemSensorManager.class) {
            TRIGGERS.put(listener, sensor);
        }
        return true;
    }

    @Override
    public boolean cancelTriggerSensor(TriggerEventListener listener, Sensor sensor) {
        synchronized (SystemSensorManager.class) {
            return TRIGGERS.remove(listener) != null;
        }
    }
}

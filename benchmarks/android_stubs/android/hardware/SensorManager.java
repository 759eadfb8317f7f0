package android.hardware;

import android.os.Handler;

public abstract class SensorManager {
    public abstract Sensor getDefaultSensor(int type);

    public abstract Sensor getDefaultSensor(int type, boolean wakeUp);

    public boolean registerListener(SensorEventListener listener, Sensor sensor, int periodUs) {
        return registerListener(listener, sensor, periodUs, 0, null);
    }

    public boolean registerListener(SensorEventListener listener, Sensor sensor, int periodUs, int latencyUs) {
        return registerListener(listener, sensor, periodUs, latencyUs, null);
    }

    public boolean registerListener(SensorEventListener listener, Sensor sensor, int periodUs, Handler handler) {
        return registerListener(listener, sensor, periodUs, 0, handler);
    }

    public abstract boolean registerListener(
            SensorEventListener listener, Sensor sensor, int periodUs, int latencyUs, Handler handler);

    public abstract void unregisterListener(SensorEventListener listener);

    public abstract void unregisterListener(SensorEventListener listener, Sensor sensor);

    public abstract boolean flush(SensorEventListener listener);

    public abstract boolean requestTriggerSensor(TriggerEventListener listener, Sensor sensor);

    public abstract boolean cancelTriggerSensor(TriggerEventListener listener, Sensor sensor);
}

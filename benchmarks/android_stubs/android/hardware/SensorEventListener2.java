package android.hardware;

public interface SensorEventListener2 extends SensorEventListener {
    void onFlushCompleted(Sensor sensor);
}

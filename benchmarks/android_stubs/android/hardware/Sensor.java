package android.hardware;

public class Sensor {
    private final int type;
    private final boolean wakeUp;

    Sensor(int type, boolean wakeUp) {
        this.type = type;
        this.wakeUp = wakeUp;
    }

    public int getType() {
        return type;
    }

    public boolean isWakeUpSensor() {
        return wakeUp;
    }
}

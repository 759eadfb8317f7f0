package android.os;

public class BatteryManager {
    public static int percent = 80;
    public static boolean charging = false;

    public int getIntProperty(int id) {
        return id == 4 ? percent : Integer.MIN_VALUE;
    }

    public long getLongProperty(int id) {
        return Long.MIN_VALUE;
    }

    public boolean isCharging() {
        return charging;
    }
}

package android.os;

public class Vibrator {
    public static String last = "";

    public void vibrate(long milliseconds) {
        last = milliseconds + " ms";
    }

    public void vibrate(VibrationEffect effect) {
        last = effect.told;
    }
}

package android.os;

public class VibrationEffect {
    final String told;

    private VibrationEffect(String told) {
        this.told = told;
    }

    public static VibrationEffect createOneShot(long milliseconds, int amplitude) {
        if (milliseconds <= 0 || amplitude == 0 || amplitude < -1 || amplitude > 255) {
            throw new IllegalArgumentException();
        }
        return new VibrationEffect(milliseconds + " ms at " + amplitude);
    }
}

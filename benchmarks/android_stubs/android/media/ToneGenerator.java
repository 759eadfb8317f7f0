package android.media;

public class ToneGenerator {
    public static int made = 0;
    public static String last = "";

    public ToneGenerator(int stream, int volume) {
        made++;
        last = "stream " + stream + " at " + volume;
    }

    public boolean startTone(int tone, int milliseconds) {
        last = "tone " + tone + " for " + milliseconds + " ms";
        return true;
    }
}

package android.os;

/** Boots 1000 s before the JVM began, and has slept `asleepMs` of them. */
public class SystemClock {
    public static long asleepMs = 0;
    private static final long BEGAN_NS = System.nanoTime() - 1_000_000_000_000L;

    public static long elapsedRealtimeNanos() {
        return System.nanoTime() - BEGAN_NS;
    }

    public static long uptimeMillis() {
        return elapsedRealtimeNanos() / 1_000_000L - asleepMs;
    }
}

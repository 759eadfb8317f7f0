package android.os;

public class PowerManager {
    public static int held = 0;

    public class WakeLock {
        private boolean mine = false;

        public void setReferenceCounted(boolean counted) {}

        public void acquire() {
            if (!mine) { mine = true; held++; }
        }

        public void acquire(long timeoutMs) {
            acquire();
        }

        public void release() {
            if (mine) { mine = false; held--; }
        }

        public boolean isHeld() {
            return mine;
        }
    }

    public WakeLock newWakeLock(int levelAndFlags, String tag) {
        return new WakeLock();
    }
}

package android.os;

public class HandlerThread extends Thread {
    private final Looper looper = new Looper();
    private volatile boolean quit = false;

    public HandlerThread(String name) {
        super(name);
        setDaemon(true);
    }

    public Looper getLooper() {
        return looper;
    }

    @Override
    public void run() {
        try {
            while (!quit || !looper.queue.isEmpty()) {
                looper.queue.take().run();
            }
        } catch (InterruptedException end) {
            return;
        }
    }

    public boolean quitSafely() {
        quit = true;
        looper.queue.offer(() -> {});
        return true;
    }
}

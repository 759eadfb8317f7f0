package android.os;

public class Handler {
    private final Looper looper;

    public Handler(Looper looper) {
        this.looper = looper;
    }

    public boolean post(Runnable task) {
        return looper.queue.offer(task);
    }
}

package android.hardware;

public final class TriggerEvent {
    public long timestamp;
}

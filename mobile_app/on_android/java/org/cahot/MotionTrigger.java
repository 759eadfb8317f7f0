package org.cahot;

import android.hardware.TriggerEvent;
import android.hardware.TriggerEventListener;

/** Tells Python that the phone moves. TriggerEventListener is a class, and Python can stand in for interfaces alone. */
public final class MotionTrigger extends TriggerEventListener {
    private final Runnable moved;

    public MotionTrigger(Runnable moved) {
        this.moved = moved;
    }

    @Override
    public void onTrigger(TriggerEvent event) {
        moved.run();
    }
}

package android.os;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

public class Looper {
    final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
}

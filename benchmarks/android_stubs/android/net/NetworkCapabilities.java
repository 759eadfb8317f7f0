package android.net;

public class NetworkCapabilities {
    private final boolean metered;

    NetworkCapabilities(boolean metered) {
        this.metered = metered;
    }

    public boolean hasCapability(int capability) {
        return capability == 12 || (capability == 11 && !metered);
    }
}

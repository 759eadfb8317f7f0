package android.net;

public class ConnectivityManager {
    public static boolean connected = true;
    public static boolean metered = true;

    public Network getActiveNetwork() {
        return connected ? new Network() : null;
    }

    public NetworkCapabilities getNetworkCapabilities(Network network) {
        return new NetworkCapabilities(metered);
    }
}

package android.location;

public class Location {
    private final double latitude;
    private final double longitude;
    private final long elapsedNs;
    public float speed = -1;
    public boolean mock = false;

    public Location(double latitude, double longitude, long elapsedNs) {
        this.latitude = latitude;
        this.longitude = longitude;
        this.elapsedNs = elapsedNs;
    }

    public double getLatitude() { return latitude; }

    public double getLongitude() { return longitude; }

    public long getElapsedRealtimeNanos() { return elapsedNs; }

    public boolean hasSpeed() { return speed >= 0; }

    public float getSpeed() { return speed; }

    public boolean hasBearing() { return false; }

    public float getBearing() { return 0; }

    public boolean hasAccuracy() { return true; }

    public float getAccuracy() { return 4.5f; }

    public boolean isMock() { return mock; }

    public boolean isFromMockProvider() { return mock; }
}

package org.kivy.android;

public class PythonService extends android.app.Service {
    public static PythonService mService = new PythonService();
}

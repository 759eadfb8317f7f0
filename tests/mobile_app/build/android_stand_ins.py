"""As much of Android's classes as the recorder's Java needs to compile and to run on a desktop's JVM; they note what is asked."""

from __future__ import annotations

from pathlib import Path

_CLASSES = {
    "android.Manifest": """public class Manifest { public static class permission {
        public static final String ACCESS_BACKGROUND_LOCATION = "background", ACCESS_FINE_LOCATION = "fine"; } }""",
    "android.app.Activity": "public class Activity extends android.content.Context { }",
    "android.app.Notification": """public class Notification {
        public static final int VISIBILITY_PRIVATE = 0;
        public String text = ""; public boolean lasting;
        public Notification() { }
        public Notification(int icon, CharSequence title, long when) { }
        public static class Builder {
            Notification made = new Notification();
            public Builder(android.content.Context context) { }
            public Builder(android.content.Context context, String channel) { }
            public Builder setContentTitle(CharSequence title) { return this; }
            public Builder setContentText(CharSequence text) { made.text = text.toString(); return this; }
            public Builder setContentIntent(PendingIntent intent) { return this; }
            public Builder setSmallIcon(int icon) { return this; }
            public Builder setOngoing(boolean lasting) { made.lasting = lasting; return this; }
            public Builder setAutoCancel(boolean cancels) { return this; }
            public Notification build() { return made; } } }""",
    "android.app.NotificationChannel": """public class NotificationChannel {
        public NotificationChannel(String id, CharSequence name, int importance) {
            android.util.Log.note("channel " + id + " " + name + " " + importance); }
        public void setShowBadge(boolean show) { }
        public void setLightColor(int colour) { }
        public void setLockscreenVisibility(int how) { } }""",
    "android.app.NotificationManager": """public class NotificationManager {
        public static final int IMPORTANCE_NONE = 0, IMPORTANCE_LOW = 2;
        public void createNotificationChannel(NotificationChannel channel) { }
        public void notify(int id, Notification shown) { android.util.Log.note("notify " + id + " " + shown.text); }
        public void cancel(int id) { android.util.Log.note("cancel " + id); } }""",
    "android.app.PendingIntent": """public class PendingIntent {
        public static final int FLAG_IMMUTABLE = 1, FLAG_UPDATE_CURRENT = 2;
        public static PendingIntent getActivity(
            android.content.Context c, int code, android.content.Intent intent, int flags) { return null; } }""",
    "android.app.Service": """public class Service extends android.content.Context {
        public static final int START_NOT_STICKY = 2, START_STICKY = 1;
        public static String refuses = "";
        public android.os.IBinder onBind(android.content.Intent intent) { return null; }
        public void onCreate() { } public void onDestroy() { } public void onTaskRemoved(android.content.Intent root) { }
        public int onStartCommand(android.content.Intent intent, int flags, int id) { return 0; }
        public final void stopSelf() { android.util.Log.note("stopSelf"); }
        public final void startForeground(int id, Notification shown) {
            if (!refuses.isEmpty()) throw new SecurityException(refuses);
            android.util.Log.note("foreground " + id + " " + shown.text + " " + shown.lasting); } }""",
    "android.content.BroadcastReceiver": """public abstract class BroadcastReceiver {
        public abstract void onReceive(Context context, Intent intent); }""",
    "android.content.Context": """public class Context {
        public static final String NOTIFICATION_SERVICE = "notification";
        public static java.util.Set<String> granted = new java.util.HashSet<>();
        public static boolean background;
        public Context getApplicationContext() { return this; }
        public java.io.File getFilesDir() { return new java.io.File("files"); }
        public android.content.pm.ApplicationInfo getApplicationInfo() { return new android.content.pm.ApplicationInfo(); }
        public android.content.res.Resources getResources() { return new android.content.res.Resources(); }
        public String getPackageName() { return "org.cahot.cahot"; }
        public String getString(int id) { return android.content.res.Resources.names.get(id - 1); }
        public Object getSystemService(String name) { return new android.app.NotificationManager(); }
        public int checkCallingOrSelfPermission(String name) { return granted.contains(name) ? 0 : -1; }
        public void startService(Intent intent) {
            if (background && android.os.Build.VERSION.SDK_INT >= 26) throw new IllegalStateException("app is in background");
            android.util.Log.note("startService " + intent); }
        public void startForegroundService(Intent intent) { android.util.Log.note("startForegroundService " + intent); }
        public void stopService(Intent intent) { android.util.Log.note("stopService"); } }""",
    "android.content.Intent": """public class Intent {
        public static final String ACTION_BOOT_COMPLETED = "boot", ACTION_MY_PACKAGE_REPLACED = "replaced";
        String action; android.os.Bundle extras = new android.os.Bundle(); Class<?> of;
        public Intent(String action) { this.action = action; }
        public Intent(Context context, Class<?> of) { this.of = of; }
        public String getAction() { return action; }
        public Intent putExtra(String name, String value) { extras.put(name, value); return this; }
        public android.os.Bundle getExtras() { return extras; }
        public String toString() { return of.getName() + " " + extras.getString("serviceEntrypoint"); } }""",
    "android.content.pm.ApplicationInfo": """public class ApplicationInfo {
        public int icon = 7;
        public String nativeLibraryDir = "lib"; }""",
    "android.content.pm.PackageManager": "public class PackageManager { public static final int PERMISSION_GRANTED = 0; }",
    "android.content.res.Resources": """public class Resources {
        public static java.util.List<String> names = new java.util.ArrayList<>();
        public int getIdentifier(String name, String kind, String of) { names.add(name); return names.size(); } }""",
    "android.graphics.Color": "public class Color { public static final int BLUE = 0; }",
    "android.hardware.TriggerEvent": "public class TriggerEvent { }",
    "android.hardware.TriggerEventListener": """public abstract class TriggerEventListener {
        public abstract void onTrigger(TriggerEvent event); }""",
    "android.os.Build": """public class Build {
        public static class VERSION { public static int SDK_INT = 35; }
        public static class VERSION_CODES { public static final int O = 26, Q = 29; } }""",
    "android.os.Bundle": """public class Bundle {
        java.util.Map<String, String> held = new java.util.HashMap<>();
        public void put(String name, String value) { held.put(name, value); }
        public String getString(String name) { return held.get(name); } }""",
    "android.os.IBinder": "public interface IBinder { }",
    "android.os.Process": """public class Process {
        public static int myPid() { return 0; }
        public static void killProcess(int pid) { } }""",
    "android.util.Log": """public class Log {
        public static void note(String line) { System.out.println(line); }
        public static int v(String tag, String line) { return 0; }
        public static int w(String tag, String line, Throwable why) { note("warning " + line); return 0; } }""",
    "org.kivy.android.PythonActivity": "public class PythonActivity extends android.app.Activity { }",
    "org.kivy.android.PythonUtil": """public class PythonUtil {
        public static void loadLibraries(java.io.File app, java.io.File libraries) { } }""",
}


def write_stand_ins(folder: Path) -> list[Path]:
    """The sources, one file a class."""
    paths = []
    for name, body in _CLASSES.items():
        package, _, simple = name.rpartition(".")
        path = folder.joinpath(*package.split("."), f"{simple}.java")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"package {package};\n{body}\n")
        paths.append(path)
    return paths

package dev.roomcast.redis;

import dev.roomcast.testkit.RedisServer;
import java.lang.management.ManagementFactory;

/** What was spent up to a moment, in µs of CPU, and how many commands and scripts Redis has run. */
record Cost(double redisMicros, double ourMicros, long scripts) {

    static Cost now(RedisServer redis) {
        String info = redis.command("INFO", "everything");
        com.sun.management.OperatingSystemMXBean system =
                (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Cost(
                1e6 * (number(info, "used_cpu_user:") + number(info, "used_cpu_sys:")),
                system.getProcessCpuTime() / 1e3,
                (long) number(info, "cmdstat_evalsha:calls="));
    }

    Cost minus(Cost before) {
        return new Cost(redisMicros - before.redisMicros, ourMicros - before.ourMicros, scripts - before.scripts);
    }

    private static double number(String info, String name) {
        int at = info.indexOf(name);
        if (at < 0) {
            return 0;
        }
        int from = at + name.length();
        int to = from;
        while (to < info.length() && (Character.isDigit(info.charAt(to)) || info.charAt(to) == '.')) {
            to++;
        }
        return Double.parseDouble(info.substring(from, to));
    }
}

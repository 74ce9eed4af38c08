package com.kingcdn.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP date (RFC 9110 section 5.6.7): written as IMF-fixdate, read in all three of its forms.
 *
 * <p>Reading is strict about shape, since an {@code Expires} that is no date means "already expired" (RFC 9111 section 5.3), and
 * ignores case and the name of the day, which says nothing new.
 */
public final class HttpDate {

    private static final DateTimeFormatter IMF_FIXDATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);
    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
    private static final String SHORT_DAYS = "montuewedthufrisatsun";
    private static final String LONG_DAYS = "|monday|tuesday|wednesday|thursday|friday|saturday|sunday|";

    /** What was written last: a server writes the same second many times. */
    private static volatile Written last = written(0);

    private record Written(long second, String text) {}

    /** Dates that were read lately, since most messages repeat those of a moment ago. A race between threads costs one more reading. */
    private static final @Nullable Read[] READ = new Read[256];

    private record Read(String text, OptionalLong millis) {}

    private HttpDate() {}

    /**
     * The IMF-fixdate of a time.
     *
     * @param millis Unix time in milliseconds, in the years 0 to 9999
     */
    public static String format(long millis) {
        long second = Math.floorDiv(millis, 1000);
        Written cached = last;
        if (cached.second != second) {
            cached = written(second);
            last = cached;
        }
        return cached.text;
    }

    private static Written written(long second) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        return new Written(second, IMF_FIXDATE.format(time));
    }

    /**
     * Unix time in milliseconds; empty for null and for anything that is no HTTP date.
     *
     * @param nowMillis decides the century of an RFC 850 date: one more than 50 years ahead lies in the past
     */
    public static OptionalLong parse(@Nullable String text, long nowMillis) {
        if (text == null || text.length() < 24 || text.length() > 33) {
            return OptionalLong.empty();
        }
        try {
            int comma = text.indexOf(',');
            if (comma < 0) {
                return asctime(text);
            }
            return comma == 3 ? imfFixdate(text) : rfc850(text, comma, nowMillis);
        } catch (DateTimeException e) {
            return OptionalLong.empty(); // the 31st of June and the like
        }
    }

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    private static OptionalLong imfFixdate(String text) {
        if (text.length() != 29) {
            return OptionalLong.empty();
        }
        // by the day, the minute and the second
        int slot = (text.charAt(6) * 53
                        + text.charAt(20) * 17
                        + text.charAt(21) * 5
                        + text.charAt(23) * 10
                        + text.charAt(24))
                & (READ.length - 1);
        Read known = READ[slot];
        if (known != null && known.text.equals(text)) {
            return known.millis;
        }
        if (!shortDay(text) || !spaces(text, 4, 7, 11, 16) || !zone(text, 25)) {
            return OptionalLong.empty();
        }
        OptionalLong millis = time(number(text, 12, 16), month(text, 8), number(text, 5, 7), text, 17);
        READ[slot] = new Read(text, millis);
        return millis;
    }

    /** {@code Sunday, 06-Nov-94 08:49:37 GMT}. */
    private static OptionalLong rfc850(String text, int comma, long nowMillis) {
        String day = text.substring(0, comma).toLowerCase(Locale.ROOT);
        int at = comma + 2;
        if (!LONG_DAYS.contains("|" + day + "|")
                || text.length() != at + 22
                || !spaces(text, comma + 1, at + 9)
                || text.charAt(at + 2) != '-'
                || text.charAt(at + 6) != '-'
                || !zone(text, at + 18)) {
            return OptionalLong.empty();
        }
        int twoDigits = number(text, at + 7, at + 9);
        if (twoDigits < 0) {
            return OptionalLong.empty();
        }
        ZonedDateTime now = ZonedDateTime.ofInstant(Instant.ofEpochMilli(nowMillis), ZoneOffset.UTC);
        int year = now.getYear() - now.getYear() % 100 + 100 + twoDigits;
        OptionalLong time = time(year, month(text, at + 3), number(text, at, at + 2), text, at + 10);
        long latest = now.plusYears(50).toInstant().toEpochMilli();
        while (time.isPresent() && time.getAsLong() > latest) {
            year -= 100;
            time = time(year, month(text, at + 3), number(text, at, at + 2), text, at + 10);
        }
        return time;
    }

    /** {@code Sun Nov  6 08:49:37 1994}. */
    private static OptionalLong asctime(String text) {
        if (text.length() != 24 || !shortDay(text) || !spaces(text, 3, 7, 10, 19)) {
            return OptionalLong.empty();
        }
        int day = text.charAt(8) == ' ' ? number(text, 9, 10) : number(text, 8, 10);
        return time(number(text, 20, 24), month(text, 4), day, text, 11);
    }

    private static OptionalLong time(int year, int month, int day, String text, int clock) {
        int hour = number(text, clock, clock + 2);
        int minute = number(text, clock + 3, clock + 5);
        int second = number(text, clock + 6, clock + 8);
        if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 || second > 60) {
            return OptionalLong.empty();
        }
        if (text.charAt(clock + 2) != ':' || text.charAt(clock + 5) != ':') {
            return OptionalLong.empty();
        }
        // a leap second is the last one twice
        LocalDateTime time = LocalDateTime.of(year, month, day, hour, minute, Math.min(second, 59));
        return OptionalLong.of(time.toEpochSecond(ZoneOffset.UTC) * 1000);
    }

    private static boolean shortDay(String text) {
        return indexOfThree(SHORT_DAYS, text, 0) >= 0;
    }

    /** 1 to 12, or -1. */
    private static int month(String text, int at) {
        int index = indexOfThree(MONTHS, text, at);
        return index < 0 ? -1 : index + 1;
    }

    private static int indexOfThree(String names, String text, int at) {
        for (int i = 0; i < names.length(); i += 3) {
            if (text.regionMatches(true, at, names, i, 3)) {
                return i / 3;
            }
        }
        return -1;
    }

    private static boolean spaces(String text, int... places) {
        for (int place : places) {
            if (text.charAt(place) != ' ') {
                return false;
            }
        }
        return true;
    }

    private static boolean zone(String text, int at) {
        return text.regionMatches(true, at, " GMT", 0, 4);
    }

    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}

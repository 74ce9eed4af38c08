package com.kingcdn.control.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A push parser of {@code text/event-stream} (HTML Standard, sections 9.2.5 and 9.2.6): bytes in, in pieces of any size; whole
 * events out. Lines end in LF, CR LF or CR; comments, unknown fields and events without data are left out. One per connection.
 */
final class EventStreamDecoder {

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final int maxEventBytes;

    /** Of a line whose end is in a later piece. */
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream(256);

    /** The first line of the event's data, which is mostly the only one; the others are gathered behind it. */
    private @Nullable String data;

    private final StringBuilder moreData = new StringBuilder();
    private String event = "";
    private @Nullable String id;
    private boolean carriageReturnLast;
    private boolean firstLine = true;
    private int eventBytes;

    /** @param maxEventBytes limit for all lines of one event together */
    EventStreamDecoder(int maxEventBytes) {
        this.maxEventBytes = maxEventBytes;
    }

    /**
     * Takes the next piece of the stream.
     *
     * @return the events it completes, in order
     * @throws ControlPlaneException when an event is larger than the limit
     */
    List<ServerSentEvent> feed(byte[] piece) {
        List<ServerSentEvent> events = new ArrayList<>();
        int begin = 0;
        for (int i = nextLineEnd(piece, 0); i < piece.length; i = nextLineEnd(piece, i + 1)) {
            if (piece[i] == '\n' && (i == 0 ? carriageReturnLast : piece[i - 1] == '\r')) {
                // the rest of CR LF
                begin = i + 1;
            } else {
                count(i - begin);
                endOfLine(piece, begin, i, events);
                begin = i + 1;
            }
        }
        if (piece.length > 0) {
            carriageReturnLast = piece[piece.length - 1] == '\r';
        }
        count(piece.length - begin);
        begun.write(piece, begin, piece.length - begin);
        return events;
    }

    private static int nextLineEnd(byte[] piece, int from) {
        int at = from;
        while (at < piece.length && piece[at] != '\n' && piece[at] != '\r') {
            at++;
        }
        return at;
    }

    private void count(int bytes) {
        eventBytes += bytes;
        if (eventBytes > maxEventBytes) {
            throw new ControlPlaneException("an event is larger than " + maxEventBytes + " bytes", 0, null);
        }
    }

    private void endOfLine(byte[] piece, int from, int to, List<ServerSentEvent> events) {
        if (begun.size() == 0) {
            // most lines are whole in their piece
            line(piece, from, to, events);
            return;
        }
        begun.write(piece, from, to - from);
        byte[] whole = begun.toByteArray();
        begun.reset();
        line(whole, 0, whole.length, events);
    }

    private void line(byte[] bytes, int from, int to, List<ServerSentEvent> events) {
        int start = firstLine && startsWithByteOrderMark(bytes, from, to) ? from + BYTE_ORDER_MARK.length : from;
        firstLine = false;
        if (to > start) {
            field(bytes, start, to);
            return;
        }
        if (data != null) {
            events.add(new ServerSentEvent(event, id, moreData.isEmpty() ? data : data + moreData));
        }
        data = null;
        moreData.setLength(0);
        event = "";
        id = null;
        eventBytes = 0;
    }

    private void field(byte[] bytes, int from, int to) {
        int colon = from;
        while (colon < to && bytes[colon] != ':') {
            colon++;
        }
        if (colon == from) {
            // a comment keeps the connection alive and is no part of the event's size
            eventBytes -= to - from;
            return;
        }
        int begin = Math.min(to, colon + 1);
        String value = text(bytes, begin < to && bytes[begin] == ' ' ? begin + 1 : begin, to);
        switch (text(bytes, from, colon)) {
            case "event" -> event = value;
            case "data" -> {
                if (data == null) {
                    data = value;
                } else {
                    moreData.append('\n').append(value);
                }
            }
            case "id" -> id = value.indexOf('\0') < 0 ? value : id;
            default -> {
                // retry and fields of later versions do not matter here
            }
        }
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    private static boolean startsWithByteOrderMark(byte[] bytes, int from, int to) {
        int length = BYTE_ORDER_MARK.length;
        return to - from >= length && Arrays.equals(bytes, from, from + length, BYTE_ORDER_MARK, 0, length);
    }
}

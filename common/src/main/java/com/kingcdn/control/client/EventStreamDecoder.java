package com.kingcdn.control.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A push parser of {@code text/event-stream} (HTML Standard, sections 9.2.5 and 9.2.6): bytes in, in pieces of any size; whole
 * events out. Lines end in LF, CR LF or CR; comments, unknown fields and events without data are left out. One per connection.
 */
final class EventStreamDecoder {

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final int maxEventBytes;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    private final StringBuilder data = new StringBuilder();
    private String event = "";
    private @Nullable String id;
    private boolean hasData;
    private boolean afterCarriageReturn;
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
        for (int i = 0; i < piece.length; i++) {
            byte b = piece[i];
            if (b == '\n' && afterCarriageReturn) {
                // the rest of CR LF
                begin = i + 1;
            } else if (b == '\n' || b == '\r') {
                append(piece, begin, i);
                endOfLine(events);
                begin = i + 1;
            }
            afterCarriageReturn = b == '\r';
        }
        append(piece, begin, piece.length);
        return events;
    }

    private void append(byte[] piece, int from, int to) {
        eventBytes += to - from;
        if (eventBytes > maxEventBytes) {
            throw new ControlPlaneException("an event is larger than " + maxEventBytes + " bytes", 0, null);
        }
        line.write(piece, from, to - from);
    }

    private void endOfLine(List<ServerSentEvent> events) {
        byte[] bytes = line.toByteArray();
        line.reset();
        int start = firstLine && startsWithByteOrderMark(bytes) ? BYTE_ORDER_MARK.length : 0;
        firstLine = false;
        if (bytes.length > start) {
            field(new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8));
            return;
        }
        if (hasData) {
            events.add(new ServerSentEvent(event, id, data.toString()));
        }
        data.setLength(0);
        event = "";
        id = null;
        hasData = false;
        eventBytes = 0;
    }

    private void field(String text) {
        int colon = text.indexOf(':');
        if (colon == 0) {
            // a comment keeps the connection alive and is no part of the event's size
            eventBytes -= text.length();
            return;
        }
        String name = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + (text.startsWith(" ", colon + 1) ? 2 : 1));
        switch (name) {
            case "event" -> event = value;
            case "data" -> {
                if (hasData) {
                    data.append('\n');
                }
                data.append(value);
                hasData = true;
            }
            case "id" -> id = value.indexOf('\0') < 0 ? value : id;
            default -> {
                // retry and fields of later versions do not matter here
            }
        }
    }

    private static boolean startsWithByteOrderMark(byte[] bytes) {
        return bytes.length >= 3
                && bytes[0] == BYTE_ORDER_MARK[0]
                && bytes[1] == BYTE_ORDER_MARK[1]
                && bytes[2] == BYTE_ORDER_MARK[2];
    }
}

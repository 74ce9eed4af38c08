package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The reader of the responses of one connection (RFC 9112), strict where two readers could differ: what it cannot read in exactly one
 * way fails the exchange, since a cache would keep the wrong reading for everybody.
 *
 * <p>It is asked for the next thing in the octets that are there, and never takes more of them than belong to the present response: what
 * is left behind its end is nobody's. Lines end with CRLF, two lengths are none, and the only coding of a transfer is chunked, since no
 * other is ever asked for; with one that nobody knows, the connection's end is the content's.
 */
final class ResponseReader {

    /** What comes next. */
    enum Event {
        /** Nothing yet: all octets have been taken, and more must come. */
        MORE,
        /** The head of an interim response. */
        INTERIM,
        /** The head of the final response. */
        HEAD,
        /** Octets of content, to be had by {@link #take}. */
        CONTENT,
        /** The end of the response. */
        END
    }

    /** Would make other content of what comes, or are no whole word: neither is taken for anything else. */
    private static final Pattern KNOWN_CODINGS =
            Pattern.compile("chunked|gzip|compress|deflate", Pattern.CASE_INSENSITIVE);

    private enum State {
        STATUS_LINE,
        FIELDS,
        SIZED,
        UNTIL_CLOSE,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILERS,
        ENDED
    }

    static final int SECTION_BYTES = 64 * 1024;

    /** With extensions that nobody uses. */
    private static final int CHUNK_LINE_BYTES = 4 * 1024;

    private static final String NO_NAME = "";

    private State state = State.STATUS_LINE;
    private boolean toHead;

    private final ResponseLine line = new ResponseLine();
    private int sectionLeft;

    private int status;
    private boolean modern;
    private HeaderFields.Builder fields = HeaderFields.builder();
    private HeaderFields section = HeaderFields.EMPTY;
    private String name = NO_NAME;
    private String value = "";

    private @Nullable String contentLength;
    private @Nullable String transferEncoding;
    private List<String> connection = List.of();

    private boolean persistent;
    private long announced;
    private long left;

    /**
     * Begins the response to another request.
     *
     * @param toHead whether the request's method is HEAD
     */
    void begin(boolean toHead) {
        this.toHead = toHead;
        state = State.STATUS_LINE;
        line.begin();
        beginSection();
    }

    private void beginSection() {
        sectionLeft = SECTION_BYTES;
        fields = HeaderFields.builder();
        name = NO_NAME;
        contentLength = null;
        transferEncoding = null;
        connection = List.of();
    }

    /** Of the response whose head came last. */
    int status() {
        return status;
    }

    /** Of the response whose head came last, without those of the connection. */
    HeaderFields fields() {
        return section;
    }

    /** Octets of content that must come, or -1 when nobody said. */
    long announced() {
        return announced;
    }

    /** Whether the connection may be used again after the end. */
    boolean isPersistent() {
        return persistent;
    }

    /** Whether the head has come, and the end has not. */
    boolean isInContent() {
        return state.compareTo(State.SIZED) >= 0 && state != State.ENDED;
    }

    /** Whether nothing but the connection's end says where the content ends (RFC 9112 section 6.3). */
    boolean endsWithConnection() {
        return state == State.UNTIL_CLOSE;
    }

    /**
     * Goes on to what comes next.
     *
     * @throws UpstreamException of kind PROTOCOL for what cannot be read
     */
    Event next(ByteBuf in) {
        while (true) {
            switch (state) {
                case STATUS_LINE -> {
                    if (!line(in, sectionLeft)) {
                        return Event.MORE;
                    }
                    statusLine();
                    state = State.FIELDS;
                }
                case FIELDS -> {
                    if (!line(in, sectionLeft)) {
                        return Event.MORE;
                    }
                    if (line.isEmpty()) {
                        return head();
                    }
                    fieldLine();
                }
                case SIZED -> {
                    if (left == 0) {
                        state = State.ENDED;
                    } else {
                        return in.isReadable() ? Event.CONTENT : Event.MORE;
                    }
                }
                case UNTIL_CLOSE -> {
                    return in.isReadable() ? Event.CONTENT : Event.MORE;
                }
                case CHUNK, CHUNK_SIZE, CHUNK_END, TRAILERS -> {
                    Event event = chunked(in);
                    if (event != null) {
                        return event;
                    }
                }
                case ENDED -> {
                    return Event.END;
                }
            }
        }
    }

    private @Nullable Event chunked(ByteBuf in) {
        switch (state) {
            case CHUNK_SIZE -> {
                if (!line(in, CHUNK_LINE_BYTES)) {
                    return Event.MORE;
                }
                left = line.chunkSize();
                sectionLeft = SECTION_BYTES;
                name = NO_NAME;
                state = left == 0 ? State.TRAILERS : State.CHUNK;
            }
            case CHUNK -> {
                if (left > 0) {
                    return in.isReadable() ? Event.CONTENT : Event.MORE;
                }
                state = State.CHUNK_END;
            }
            case CHUNK_END -> {
                if (!line(in, 2)) {
                    return Event.MORE;
                }
                check(line.isEmpty(), "a chunk longer than its size");
                state = State.CHUNK_SIZE;
            }
            default -> {
                if (!line(in, sectionLeft)) {
                    return Event.MORE;
                }
                if (line.isEmpty()) {
                    state = State.ENDED;
                } else {
                    // read to be checked: nobody has asked for them
                    fieldLine();
                }
            }
        }
        return null;
    }

    /** Whether the next content is all that is left of these octets. */
    boolean takesAll(ByteBuf in) {
        return state == State.UNTIL_CLOSE || left >= in.readableBytes();
    }

    /** Takes the next content, as a slice that the caller must release, or, where {@link #takesAll}, as the very buffer. */
    ByteBuf take(ByteBuf in) {
        if (takesAll(in)) {
            left -= state == State.UNTIL_CLOSE ? 0 : in.readableBytes();
            return in;
        }
        ByteBuf content = in.readRetainedSlice((int) left);
        left = 0;
        return content;
    }

    /** Reads up to the end of a line. @return whether it has come */
    private boolean line(ByteBuf in, int most) {
        boolean whole = line.read(in, most);
        if (whole) {
            sectionLeft -= line.length() + 2;
        }
        return whole;
    }

    /** RFC 9112 section 4; the reason may be missing. */
    private void statusLine() {
        status = line.status();
        modern = line.isOfModernVersion();
        check(status >= 100 && status <= 599 && status != 101, "status " + status);
    }

    /** RFC 9112 section 5: a name, and a value which may go on in the next line, as it was allowed once. */
    private void fieldLine() {
        if (line.isContinuation()) {
            check(!name.isEmpty(), "white space before the first field");
            value = (value + ' ' + line.text(0)).strip();
            return;
        }
        if (state == State.FIELDS) {
            field();
        }
        int colon = line.takeName();
        name = line.name();
        value = line.text(colon + 1);
    }

    /** Notes the field read last, which is now known to be whole. */
    private void field() {
        switch (name) {
            case NO_NAME -> {
                return;
            }
            case "content-length" -> {
                check(contentLength == null, "two lengths");
                contentLength = value;
                fields.add(name, value);
            }
            case "transfer-encoding" ->
                transferEncoding = transferEncoding == null ? value : transferEncoding + ", " + value;
            case "connection" -> {
                connection = new ArrayList<>(connection);
                for (String option : value.split(",", -1)) {
                    connection.add(option.strip().toLowerCase(Locale.ROOT));
                }
            }
            case "alt-svc" -> {
                // an origin's own ports are none where its clients' names lead to (RFC 7838 section 3)
            }
            default -> {
                if (!HopByHop.isOfConnection(name)) {
                    fields.add(name, value);
                }
            }
        }
        name = NO_NAME;
    }

    private Event head() {
        field();
        for (String option : connection) {
            if (!option.equals("keep-alive") && !option.equals("close")) {
                fields.remove(option);
            }
        }
        section = fields.build();
        if (status < 200) {
            state = State.STATUS_LINE;
            beginSection();
            return Event.INTERIM;
        }
        persistent = modern ? !connection.contains("close") : connection.contains("keep-alive");
        frame();
        return Event.HEAD;
    }

    /** RFC 9112 section 6.3. */
    private void frame() {
        long said = contentLength == null ? -1 : number(contentLength);
        check(contentLength == null || transferEncoding == null, "a length and a transfer coding");
        if (toHead || status == 204 || status == 304) {
            announced = 0;
            state = State.ENDED;
        } else if (transferEncoding != null && !transferEncoding.equalsIgnoreCase("chunked")) {
            check(!KNOWN_CODINGS.matcher(transferEncoding).find(), "a transfer coding nobody asked for");
            // what nobody knows delimits nothing: the connection's end does (section 6.3, rule 4)
            untilClose();
        } else if (transferEncoding != null) {
            // a server that does not know of them is not to be trusted with the next one (section 6.1)
            persistent &= modern;
            announced = -1;
            state = State.CHUNK_SIZE;
        } else if (contentLength != null) {
            announced = said;
            left = said;
            state = State.SIZED;
        } else {
            untilClose();
        }
    }

    private void untilClose() {
        announced = -1;
        persistent = false;
        state = State.UNTIL_CLOSE;
    }

    private static long number(String digits) {
        check(!digits.isEmpty() && digits.length() <= 18, "a length that is none");
        for (int i = 0; i < digits.length(); i++) {
            check(digits.charAt(i) >= '0' && digits.charAt(i) <= '9', "a length that is none");
        }
        return Long.parseLong(digits);
    }

    /** @throws UpstreamException unless what has come is sound */
    static void check(boolean sound, String what) {
        if (!sound) {
            throw new UpstreamException(Kind.PROTOCOL, false, "it sent " + what);
        }
    }
}

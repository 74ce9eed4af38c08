package com.kingcdn.edge.upstream;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** The head of a request as HTTP/1.1 writes it (RFC 9112 sections 3 and 5), pure. */
final class RequestHead {

    private static final byte[] CHUNKED = {
        't', 'r', 'a', 'n', 's', 'f', 'e', 'r', '-', 'e', 'n', 'c', 'o', 'd', 'i', 'n', 'g', ':', ' ', 'c', 'h', 'u',
        'n', 'k', 'e', 'd', '\r', '\n'
    };
    private static final byte[] VERSION = {' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r', '\n'};

    private final byte[] octets;
    private int end;

    private RequestHead(int most) {
        this.octets = new byte[most];
    }

    /** The endpoint's own path, which comes before each target: without a slash at its end. */
    static String path(OriginEndpoint endpoint) {
        String path = endpoint.url().getRawPath();
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /**
     * Encodes a head.
     *
     * @param path of the endpoint, which the target is put behind
     * @throws IllegalArgumentException for what would end a line before its end
     */
    static ByteBuf encode(ByteBufAllocator allocator, String path, EndpointClient.Message message) {
        HeaderFields fields = message.fields();
        int size = message.method().length() + path.length() + message.target().length() + VERSION.length + 3;
        for (int i = 0; i < fields.size(); i++) {
            size += fields.name(i).length() + fields.value(i).length() + 4;
        }
        RequestHead head = new RequestHead(size + CHUNKED.length);
        head.word(message.method());
        head.octets[head.end++] = ' ';
        if (!message.target().equals("*")) {
            head.word(path);
        }
        head.word(message.target());
        head.put(VERSION);
        for (int i = 0; i < fields.size(); i++) {
            head.word(fields.name(i));
            head.octets[head.end++] = ':';
            head.octets[head.end++] = ' ';
            head.text(fields.value(i));
            head.endLine();
        }
        if (message.isChunked()) {
            head.put(CHUNKED);
        }
        head.endLine();
        return allocator.directBuffer(head.end).writeBytes(head.octets, 0, head.end);
    }

    private void put(byte[] more) {
        System.arraycopy(more, 0, octets, end, more.length);
        end += more.length;
    }

    private void endLine() {
        octets[end++] = '\r';
        octets[end++] = '\n';
    }

    private void word(String word) {
        int from = latin(word);
        for (int i = from; i < end; i++) {
            if ((octets[i] >= 0 && octets[i] <= ' ') || octets[i] == 0x7f) {
                throw new IllegalArgumentException("white space in " + word);
            }
        }
    }

    private void text(String text) {
        int from = latin(text);
        for (int i = from; i < end; i++) {
            if ((octets[i] >= 0 && octets[i] < ' ' && octets[i] != '\t') || octets[i] == 0x7f) {
                throw new IllegalArgumentException("control characters in a field");
            }
        }
    }

    /** One octet for each character, which is how the octets were read. @return where it begins */
    @SuppressWarnings("deprecation")
    private int latin(String text) {
        int from = end;
        text.getBytes(0, text.length(), octets, end);
        end += text.length();
        return from;
    }
}

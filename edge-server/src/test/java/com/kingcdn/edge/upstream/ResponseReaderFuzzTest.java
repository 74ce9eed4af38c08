package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Octets of an origin as anybody could write them (RFC 9112): they are refused or read, never anything else; and how the network cuts
 * them into pieces makes no difference to what they mean.
 */
class ResponseReaderFuzzTest {

    @FuzzTest(maxDuration = "90s")
    void theSameOctetsMeanTheSameHoweverTheyAreCut(FuzzedDataProvider data) {
        boolean toHead = data.consumeBoolean();
        int first = data.consumeInt(0, 200);
        int second = data.consumeInt(0, 200);
        byte[] octets = data.consumeRemainingAsBytes();
        List<String> whole = read(toHead, octets, octets.length, octets.length);
        assertThat(read(toHead, octets, Math.min(first, octets.length), Math.min(first + second, octets.length)))
                .isEqualTo(whole);
        assertThat(readByOctet(toHead, octets)).isEqualTo(whole);
    }

    private static List<String> read(boolean toHead, byte[] octets, int first, int second) {
        Reading reading = new Reading(toHead);
        reading.feed(octets, 0, first);
        reading.feed(octets, first, second);
        reading.feed(octets, second, octets.length);
        return reading.result();
    }

    private static List<String> readByOctet(boolean toHead, byte[] octets) {
        Reading reading = new Reading(toHead);
        for (int i = 0; i < octets.length; i++) {
            reading.feed(octets, i, i + 1);
        }
        return reading.result();
    }

    /** What a reader makes of one response. */
    private static final class Reading {
        private final ResponseReader reader = new ResponseReader();
        private final List<String> events = new ArrayList<>();
        private final StringBuilder content = new StringBuilder();
        private boolean over;

        Reading(boolean toHead) {
            reader.begin(toHead);
        }

        void feed(byte[] octets, int from, int to) {
            ByteBuf in = Unpooled.buffer(Math.max(1, to - from)).writeBytes(octets, from, to - from);
            try {
                while (!over && next(in)) {
                    assertThat(reader.announced()).isGreaterThanOrEqualTo(-1);
                }
            } catch (UpstreamException e) {
                assertThat(e.kind()).isEqualTo(UpstreamException.Kind.PROTOCOL);
                events.add("refused");
                over = true;
            } finally {
                in.release();
            }
        }

        private boolean next(ByteBuf in) {
            switch (reader.next(in)) {
                case MORE -> {
                    assertThat(in.isReadable()).as("octets that are left over").isFalse();
                    return false;
                }
                case INTERIM -> events.add("interim " + reader.status() + " " + reader.fields());
                case HEAD ->
                    events.add("head " + reader.status() + " " + reader.fields() + " " + reader.announced() + " "
                            + reader.isPersistent());
                case CONTENT -> {
                    boolean all = reader.takesAll(in);
                    ByteBuf piece = reader.take(in);
                    content.append(piece.toString(StandardCharsets.ISO_8859_1));
                    if (all) {
                        in.skipBytes(in.readableBytes());
                    } else {
                        piece.release();
                    }
                }
                case END -> {
                    events.add("end");
                    over = true;
                }
            }
            return true;
        }

        List<String> result() {
            events.add(content.toString());
            return events;
        }
    }
}

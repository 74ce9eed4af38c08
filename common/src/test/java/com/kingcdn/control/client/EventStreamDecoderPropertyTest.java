package com.kingcdn.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** HTML Standard, section 9.2.6: interpreting an event stream. */
class EventStreamDecoderPropertyTest {

    private static final int LIMIT = 10_000;

    @Property(tries = 300)
    void eventsComeOutWhole_howeverTheBytesAreCutAndTheLinesEnd(
            @ForAll("events") List<ServerSentEvent> events, @ForAll("lineEnds") String lineEnd, @ForAll long seed) {
        StringBuilder text = new StringBuilder();
        for (ServerSentEvent event : events) {
            text.append(": a comment").append(lineEnd);
            text.append("event: ").append(event.event()).append(lineEnd);
            if (event.id() != null) {
                text.append("id:").append(event.id()).append(lineEnd);
            }
            text.append("retry: 7").append(lineEnd);
            for (String line : event.data().split("\n", -1)) {
                text.append("data: ").append(line).append(lineEnd);
            }
            text.append(lineEnd);
        }
        assertThat(decodeInPieces(text.toString(), new Random(seed))).isEqualTo(events);
    }

    @Property(tries = 300)
    void randomBytesNeverThrow(@ForAll byte[] bytes) {
        assertThat(new EventStreamDecoder(LIMIT).feed(bytes)).hasSizeLessThanOrEqualTo(bytes.length);
    }

    @Example
    void standardsExamples() {
        assertThat(decode("data: YHOO\ndata: +2\ndata: 10\n\n")).containsExactly(event("YHOO\n+2\n10"));
        assertThat(decode(
                        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"))
                .containsExactly(
                        new ServerSentEvent("", "1", "first event"),
                        new ServerSentEvent("", "", "second event"),
                        event(" third event"));
        assertThat(decode("data\n\ndata\ndata\n\ndata:")).containsExactly(event(""), event("\n"));
        assertThat(decode("data:test\n\ndata: test\n\n")).containsExactly(event("test"), event("test"));
    }

    @Example
    void byteOrderMarkIsSkipped_andAnIdWithNulIgnored() {
        assertThat(decode("\ufeffdata: x\nid: a\0b\n\n")).containsExactly(event("x"));
    }

    @Example
    void anEventLargerThanTheLimitIsRefused_commentsDoNotCount() {
        EventStreamDecoder decoder = new EventStreamDecoder(100);
        for (int i = 0; i < 50; i++) {
            assertThat(decoder.feed(bytes(": still here\n"))).isEmpty();
        }
        assertThatThrownBy(() -> decoder.feed(bytes("data: " + "x".repeat(100))))
                .isInstanceOf(ControlPlaneException.class)
                .hasMessageContaining("larger than 100 bytes");
    }

    @Provide
    Arbitrary<List<ServerSentEvent>> events() {
        Arbitrary<String> names = Arbitraries.of("config", "purge", "heartbeat");
        Arbitrary<String> ids =
                Arbitraries.longs().greaterOrEqual(0).map(String::valueOf).injectNull(0.3);
        Arbitrary<String> data = Arbitraries.strings()
                .excludeChars('\r', '\0')
                .ofMaxLength(60)
                .map(text -> new String(bytes(text), StandardCharsets.UTF_8));
        return Combinators.combine(names, ids, data)
                .as(ServerSentEvent::new)
                .list()
                .ofMaxSize(8);
    }

    @Provide
    Arbitrary<String> lineEnds() {
        return Arbitraries.of("\n", "\r\n", "\r");
    }

    private static List<ServerSentEvent> decodeInPieces(String text, Random random) {
        EventStreamDecoder decoder = new EventStreamDecoder(LIMIT);
        List<ServerSentEvent> events = new ArrayList<>();
        byte[] bytes = bytes(text);
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(20));
            events.addAll(decoder.feed(Arrays.copyOfRange(bytes, at, end)));
            at = end;
        }
        return events;
    }

    private static List<ServerSentEvent> decode(String text) {
        return new EventStreamDecoder(LIMIT).feed(bytes(text));
    }

    private static ServerSentEvent event(String data) {
        return new ServerSentEvent("", null, data);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

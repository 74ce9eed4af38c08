package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Requests as anybody could write them (RFC 9112): refused or read, never anything else; how they are cut into pieces makes no
 * difference, nothing comes behind a refusal, and none has two lengths. Else two parsers on the way could see two requests.
 */
class StrictRequestDecoderFuzzTest {

    @FuzzTest(maxDuration = "90s")
    void theSameOctetsAreTheSameRequestsHoweverTheyAreCut(FuzzedDataProvider data) {
        int first = data.consumeInt(0, 200);
        int second = data.consumeInt(0, 200);
        byte[] octets = data.consumeRemainingAsBytes();
        List<String> whole = decode(octets, octets.length, octets.length);
        assertThat(decode(octets, Math.min(first, octets.length), Math.min(first + second, octets.length)))
                .isEqualTo(whole);
        assertThat(whole.stream().filter("refused"::equals).count()).isLessThanOrEqualTo(1);
        assertThat(whole.indexOf("refused")).isIn(-1, whole.size() - 1);
    }

    private static List<String> decode(byte[] octets, int first, int second) {
        EmbeddedChannel channel =
                new EmbeddedChannel(new StrictRequestDecoder(TimeUnit.MINUTES.toNanos(1), new EagerOwner()));
        try {
            channel.writeInbound(Unpooled.copiedBuffer(octets, 0, first));
            channel.writeInbound(Unpooled.copiedBuffer(octets, first, second - first));
            channel.writeInbound(Unpooled.copiedBuffer(octets, second, octets.length - second));
            return messages(channel);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static List<String> messages(EmbeddedChannel channel) {
        List<String> messages = new ArrayList<>();
        StringBuilder content = new StringBuilder();
        for (HttpObject next = channel.readInbound(); next != null; next = channel.readInbound()) {
            if (next.decoderResult().isFailure()) {
                flush(content, messages);
                messages.add("refused");
            } else if (next instanceof HttpRequest request) {
                messages.add(request.method() + " " + request.uri() + " " + request.protocolVersion() + " "
                        + request.headers().entries());
                hasOneLength(request);
            }
            if (next instanceof HttpContent piece && next.decoderResult().isSuccess()) {
                content.append(piece.content().toString(StandardCharsets.ISO_8859_1));
                if (next instanceof LastHttpContent last) {
                    flush(content, messages);
                    messages.add("end " + last.trailingHeaders().entries());
                }
            }
            ReferenceCountUtil.release(next);
        }
        flush(content, messages);
        return messages;
    }

    private static void flush(StringBuilder content, List<String> messages) {
        if (!content.isEmpty()) {
            messages.add("content " + content);
            content.setLength(0);
        }
    }

    /** RFC 9112 section 6.3. */
    private static void hasOneLength(HttpMessage message) {
        assertThat(message.headers().getAll(HttpHeaderNames.CONTENT_LENGTH)).hasSizeLessThanOrEqualTo(1);
        assertThat(message.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                        && message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING))
                .isFalse();
    }

    /** Reads on, always. */
    private static final class EagerOwner implements StrictRequestDecoder.Owner {

        @Override
        public boolean takesRequests() {
            return true;
        }

        @Override
        public boolean headTimedOut() {
            return true;
        }
    }
}

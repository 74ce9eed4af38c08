package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class StrictRequestDecoderPropertyTest {

    /** However a folded line (RFC 9112 section 5.2) is cut into pieces, it is refused; and what is not folded is not. */
    @Property(tries = 300)
    void foldedTrailersAreSeenInAnyPieces(
            @ForAll @Size(max = 4) List<@From("trailers") String> lines,
            @ForAll @Size(max = 6) List<@IntRange(min = 1, max = 90) Integer> cuts) {
        String request = "POST / HTTP/1.1\r\n" + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
                + String.join("", lines) + "\r\n";
        boolean folded = lines.stream().anyMatch(line -> line.startsWith(" ") || line.startsWith("\t"));
        EmbeddedChannel channel =
                new EmbeddedChannel(new StrictRequestDecoder(TimeUnit.MINUTES.toNanos(1), new EagerOwner()));
        byte[] octets = request.getBytes(StandardCharsets.ISO_8859_1);
        int from = 0;
        for (int cut : cuts) {
            int to = Math.min(octets.length, from + cut);
            channel.writeInbound(Unpooled.copiedBuffer(octets, from, to - from));
            from = to;
        }
        channel.writeInbound(Unpooled.copiedBuffer(octets, from, octets.length - from));
        boolean refused = false;
        int ends = 0;
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            refused |= ((HttpObject) message).decoderResult().isFailure();
            ends += message instanceof LastHttpContent ? 1 : 0;
            ReferenceCountUtil.release(message);
        }
        channel.finishAndReleaseAll();
        assertThat(refused).isEqualTo(folded);
        assertThat(ends).isEqualTo(1);
    }

    @Provide
    static Arbitrary<String> trailers() {
        return Arbitraries.of("A: b\r\n", "Long-Name: with  spaces\t\r\n", "C:\r\n", " folded\r\n", "\tB: c\r\n");
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

package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.topology.Distribution;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An origin that lies, on a real socket: whatever it says, what is served afterwards is what an honest one has. */
@Timeout(60)
class LyingOriginIT {

    private static final int BLOCK = 256 << 10;
    private static final byte[] TRUTH = Origin.content(3 * BLOCK, 7);
    private static final byte[] OTHER = Origin.content(3 * BLOCK, 8);

    private volatile @Nullable Lie lie;
    private final RawOrigin origin = new RawOrigin((head, in, out) -> {
        Lie told = lie;
        return told == null ? honest(head, out) : told.tell(head, out);
    });
    private final CacheSetup setup =
            new CacheSetup(any -> new Distribution("a1105", null, List.of(origin.endpoint()), null));

    /** What is sent for a request; returning false ends the connection. */
    private interface Lie {
        boolean tell(String head, OutputStream out) throws IOException;
    }

    @AfterEach
    void close() {
        setup.close();
        origin.close();
    }

    private static void send(OutputStream out, String head, byte[] content, int from, int end) throws IOException {
        out.write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.write(content, from, end - from);
        out.flush();
    }

    private static String ok(int length, String more) {
        return "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: " + length + more;
    }

    private static String part(int first, int last, String total, String more) {
        return "HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=600\r\nContent-Length: " + (last - first + 1)
                + "\r\nContent-Range: bytes " + first + "-" + last + "/" + total + more;
    }

    private static boolean honest(String head, OutputStream out) throws IOException {
        int at = head.toLowerCase(Locale.ROOT).indexOf("range: bytes=");
        if (at < 0 || head.toLowerCase(Locale.ROOT).contains("if-none-match: \"t")) {
            send(out, ok(TRUTH.length, "\r\nETag: \"true\""), TRUTH, 0, TRUTH.length);
            return true;
        }
        String[] ends = head.substring(at + 13, head.indexOf('\r', at)).split("-", -1);
        int first = Integer.parseInt(ends[0]);
        int last = ends[1].isEmpty() ? TRUTH.length - 1 : Math.min(TRUTH.length - 1, Integer.parseInt(ends[1]));
        send(out, part(first, last, "" + TRUTH.length, "\r\nETag: \"true\""), TRUTH, first, last + 1);
        return true;
    }

    /** Asks while it lies, whatever comes of it; then it is honest, and everything is right. */
    private void survives(Lie told, String... fields) {
        lie = told;
        try {
            setup.get("/title", fields);
        } catch (RuntimeException broken) {
            // a client sees that its content is not whole
            assertThat(broken).hasMessageNotContaining("somebody else");
        }
        isRightNow();
    }

    private void isRightNow() {
        lie = null;
        try {
            setup.get("/title");
        } catch (RuntimeException changed) {
            // its first blocks were another version's, which shows when the rest is fetched: the content breaks off,
            // visibly
            assertThat(changed).hasMessageContaining("has another version upstream");
        }
        for (int i = 0; i < 2; i++) {
            Received whole = setup.get("/title");
            assertThat(whole.status()).isEqualTo(200);
            assertThat(Arrays.equals(whole.content(), TRUTH)).isTrue();
            Received part = setup.get("/title", "range", "bytes=400000-400099");
            assertThat(part.content()).isEqualTo(Arrays.copyOfRange(TRUTH, 400_000, 400_100));
        }
        assertThat(setup.get("/title").cacheStatus().isHit()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\nETag: \"lie\"",
                "\r\nETag: W/\"lie\"",
                "\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT"
            })
    void aShortBody(String validator) {
        survives((head, out) -> {
            send(out, ok(OTHER.length, validator), OTHER, 0, BLOCK + 1000);
            return false;
        });
    }

    @Test
    void aChunkedBodyThatBreaksOff() {
        survives((head, out) -> {
            send(
                    out,
                    "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nETag: \"lie\"\r\nTransfer-Encoding: chunked",
                    "40000\r\n".getBytes(StandardCharsets.US_ASCII),
                    0,
                    7);
            out.write(OTHER, 0, BLOCK);
            out.write("\r\n10\r\nhalf".getBytes(StandardCharsets.US_ASCII));
            return false;
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes 1-262144/786432",
                "bytes 262144-524287/786432",
                "bytes 0-262143/*",
                "bytes 0-262143/262143",
                "bytes 0-262143/100",
                "bytes 0-9999999999/786432",
                "bytes 262143-0/786432",
                "bytes */786432",
                "items 0-262143/786432",
                "nonsense"
            })
    void aWrongContentRange(String said) {
        survives(
                (head, out) -> {
                    if (!head.toLowerCase(Locale.ROOT).contains("\r\nrange:")) {
                        return honest(head, out);
                    }
                    send(
                            out,
                            "HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=600\r\nETag: \"true\"\r\n"
                                    + "Content-Length: 262144\r\nContent-Range: " + said,
                            OTHER,
                            0,
                            BLOCK);
                    return false;
                },
                "range",
                "bytes=0-99");
    }

    /** RFC 9110 section 15.3.7.3: parts are put together only with a strong validator in common. */
    @ParameterizedTest
    @ValueSource(strings = {"\r\nETag: \"lie\"", "\r\nETag: W/\"true\"", ""})
    void anotherVersionBetweenBlocks(String validator) {
        lie = LyingOriginIT::honest;
        setup.get("/title", "range", "bytes=0-99");
        survives(
                (head, out) -> {
                    send(out, part(BLOCK, 2 * BLOCK - 1, "" + TRUTH.length, validator), OTHER, BLOCK, 2 * BLOCK);
                    return true;
                },
                "range",
                "bytes=300000-300099");
    }

    @Test
    void anotherDateBetweenBlocks() {
        String date = "\r\nDate: Sun, 06 Nov 1994 09:49:37 GMT\r\nLast-Modified: Sun, 06 Nov 1994 08:49:3";
        lie = (head, out) -> {
            send(out, part(0, BLOCK - 1, "" + TRUTH.length, date + "7 GMT"), TRUTH, 0, BLOCK);
            return true;
        };
        setup.get("/title", "range", "bytes=0-99");
        survives(
                (head, out) -> {
                    send(out, part(BLOCK, 2 * BLOCK - 1, "" + TRUTH.length, date + "8 GMT"), OTHER, BLOCK, 2 * BLOCK);
                    return true;
                },
                "range",
                "bytes=300000-300099");
    }

    @Test
    void anotherTotalBetweenBlocks() {
        lie = LyingOriginIT::honest;
        setup.get("/title", "range", "bytes=0-99");
        survives(
                (head, out) -> {
                    send(out, part(BLOCK, 2 * BLOCK - 1, "786433", "\r\nETag: \"true\""), OTHER, BLOCK, 2 * BLOCK);
                    return true;
                },
                "range",
                "bytes=300000-300099");
    }

    /** RFC 9110 section 13.1.5: a 200 to If-Range says that there is another version. */
    @Test
    void anotherVersionInAnswerToIfRange() {
        lie = LyingOriginIT::honest;
        setup.get("/title", "range", "bytes=0-99");
        survives(
                (head, out) -> {
                    if (!head.toLowerCase(Locale.ROOT).contains("\r\nif-range:")) {
                        return honest(head, out);
                    }
                    send(out, ok(1000, "\r\nETag: \"lie\""), OTHER, 0, 1000);
                    return true;
                },
                "range",
                "bytes=300000-300099");
    }

    @Test
    void aShortPart() {
        survives(
                (head, out) -> {
                    send(out, part(0, BLOCK - 1, "" + TRUTH.length, "\r\nETag: \"lie\""), OTHER, 0, 1000);
                    return false;
                },
                "range",
                "bytes=0-99999");
    }

    /** RFC 9110 section 15.3.7. */
    @Test
    void aPartThatNobodyAskedFor() {
        survives((head, out) -> {
            send(out, part(0, BLOCK - 1, "" + BLOCK, "\r\nETag: \"lie\""), OTHER, 0, BLOCK);
            return true;
        });
    }

    @Test
    void aNotModifiedThatNobodyAskedFor() {
        survives((head, out) -> {
            send(out, "HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=600\r\nETag: \"lie\"", OTHER, 0, 0);
            return true;
        });
    }

    /** It is stored as what it says it is, for those who accept it. */
    @Test
    void aCodingThatNobodyAskedFor() {
        lie = (head, out) -> {
            send(out, ok(100, "\r\nContent-Encoding: gzip\r\nETag: \"lie\""), OTHER, 0, 100);
            return true;
        };
        Received coded = setup.get("/title");
        assertThat(coded.fields().first("content-encoding")).isEqualTo("gzip");
        assertThat(coded.content()).isEqualTo(Arrays.copyOf(OTHER, 100));
        setup.store.remove(setup.key("/title"));
        isRightNow();
    }

    /** What is too much of one response must not become the next one: RFC 9112 section 9.3. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void moreThanWasAnnounced(int way) {
        String poison = ok(6, "\r\nETag: \"lie\"\r\n\r\npoison");
        lie = (head, out) -> {
            String whole = ok(2, "\r\n\r\nok");
            switch (way) {
                case 0 -> out.write((whole + poison).getBytes(StandardCharsets.US_ASCII));
                case 1 -> out.write((whole + poison.substring(0, 30)).getBytes(StandardCharsets.US_ASCII));
                case 2 -> {
                    out.write(whole.getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    pause(50);
                    out.write(poison.getBytes(StandardCharsets.US_ASCII));
                }
                default -> {
                    out.write(whole.substring(0, 20).getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    pause(50);
                    out.write((whole.substring(20) + poison.substring(0, 30)).getBytes(StandardCharsets.US_ASCII));
                }
            }
            out.flush();
            return true;
        };
        assertThat(setup.get("/first").text()).isEqualTo("ok");
        await("the connection is given up").atMost(Duration.ofSeconds(10)).until(() -> origin.open() == 0);
        isRightNow();
        assertThat(setup.get("/first").text()).isEqualTo("ok");
    }

    @Test
    void aHeadThatIsTooLarge() {
        survives((head, out) -> {
            send(out, ok(2, "\r\nX-Large: " + "x".repeat(70_000)), OTHER, 0, 2);
            return false;
        });
    }

    @Test
    void aHeadThatNeverEnds() {
        lie = (head, out) -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 10_000; i++) {
                out.write(("X-" + i + ": y\r\n").getBytes(StandardCharsets.US_ASCII));
                out.flush();
                pause(i < 100 ? 20 : 1);
            }
            return false;
        };
        assertThat(setup.get("/title").status()).isIn(502, 504);
        isRightNow();
    }

    /** RFC 9110 section 15.2. */
    @Test
    void interimResponsesWithoutEnd() {
        lie = (head, out) -> {
            while (true) {
                out.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
        };
        assertThat(setup.get("/title").status()).isEqualTo(502);
        isRightNow();
    }

    @Test
    void twoLengths() {
        lie = (head, out) -> {
            send(out, ok(10, "\r\nContent-Length: 5"), OTHER, 0, 10);
            return true;
        };
        assertThat(setup.get("/title").status()).isEqualTo(502);
        isRightNow();
    }

    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}

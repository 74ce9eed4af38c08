package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input gets a clear refusal, costs nobody else anything, and leaves no stack trace. */
@ExtendWith(LocalCdnExtension.class)
class BadInputIT {

    private final LocalCdn cdn;
    private final Random random = new Random(42);

    BadInputIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @AfterEach
    void nobodyDied() {
        assertThat(cdn.processes()).allMatch(ServiceProcess::isAlive);
    }

    @Test
    void tenThousandRandomDatagrams_thenAGoodQueryIsAnswered() throws Exception {
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            byte[] datagram = new byte[random.nextInt(600)];
            random.nextBytes(datagram);
            if (datagram.length > 12 && i % 2 == 0) {
                // half of them look like a query of one question, so that they get further
                ByteBuffer.wrap(datagram).putShort(2, (short) 0).putLong(4, 0x0001_0000_0000_0000L);
            }
            datagrams.add(datagram);
        }
        RawSocket.datagrams(cdn.control(), cdn.dnsPort(), datagrams);
        assertAnswers();
    }

    @Test
    void randomBytesOverTcp_thenAGoodQueryIsAnswered() throws Exception {
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[1 + random.nextInt(2_000)];
            random.nextBytes(bytes);
            RawSocket.hangUpAfter(cdn.control(), cdn.dnsPort(), bytes);
        }
        assertAnswers();
    }

    @Test
    void compressionLoops_thenAGoodQueryIsAnswered() throws Exception {
        byte[] header = {0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
        List<byte[]> loops = new ArrayList<>();
        for (int target = 0; target < 40; target++) {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.write(header);
            // a label, then a pointer to before, at or behind itself
            message.write(new byte[] {1, 'a', (byte) 0xc0, (byte) target, 0, 1, 0, 1});
            loops.add(message.toByteArray());
        }
        RawSocket.datagrams(cdn.control(), cdn.dnsPort(), loops);
        assertAnswers();
    }

    @Test
    void aHeaderOf70KilobytesIsRefused() throws Exception {
        String answer =
                toEdge("GET /x HTTP/1.1\r\nHost: " + LocalCdn.HOST + "\r\nX: " + "y".repeat(70_000) + "\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1\\.1 (431|400) .*");
    }

    @Test
    void contentLengthWithTransferEncodingIsRefused_rfc9112Section6_1() throws Exception {
        String answer = toEdge("POST /x HTTP/1.1\r\nHost: " + LocalCdn.HOST
                + "\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: "
                + LocalCdn.HOST + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1 ");
    }

    @Test
    void aRangeOfTenThousandPartsIsNotServedPartByPart_rfc9110Section14_2() throws Exception {
        // short parts, so that it is the number of parts and not the field's length that decides
        Curl.Response many = Curl.get(cdn.content("nyc", LocalCdn.TITLE, "-r", "0-0" + ",0-0".repeat(9_999), "-I"));
        assertThat(many.status()).isIn(200, 400, 416, 431);
        Curl.Response some = Curl.get(cdn.content("nyc", LocalCdn.TITLE, "-r", "0-0" + ",2-2".repeat(1_000), "-I"));
        assertThat(some.status()).isIn(200, 400, 416, 431);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%00", "/a%00b", "/../etc/passwd", "/a/../../b", "/%2e%2e/b", "/a%2f..%2fb", "/%zz", "/%"})
    void pathsThatMeanSomethingElseElsewhereAreRefused(String path) throws Exception {
        Curl.Response atEdge = Curl.get(cdn.content("nyc", path, "--path-as-is"));
        assertThat(atEdge.status()).isEqualTo(400);
        Curl.Response atOrigin = Curl.get("--path-as-is", cdn.origin() + path);
        assertThat(atOrigin.status()).isIn(400, 404);
    }

    @Test
    void aWrongTokenIsRefused() throws Exception {
        ControlApi wrong = new ControlApi(cdn.api() + "/v1", "0123456789abcdef-wrong");
        ControlApi.Reply reply = wrong.get("/clusters");
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.contentType()).startsWith("application/problem+json");
        ControlApi edge =
                new ControlApi(cdn.api() + "/v1", Files.readString(cdn.files().edgeToken()));
        assertThat(edge.post("/purges", "{\"urls\":[]}").status())
                .as("an edge's token is not an operator's")
                .isEqualTo(403);
        Curl.Response upload = Curl.get(
                "-X",
                "PUT",
                "-d",
                "x",
                "-H",
                "Authorization: Bearer 0123456789abcdef-wrong",
                cdn.origin() + "/content/x");
        assertThat(upload.status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "{\"urls\":\"http://video.netcinema.example/\"}",
                "{\"urls\":[],\"mode\":\"gentle\"}",
                "{\"url\":[\"http://video.netcinema.example/\"]}",
                "{\"urls\":[\"http://elsewhere.example/\"]}",
                "{\"urls\":[1]} x"
            })
    void malformedJsonIsRefused(String json) throws Exception {
        ControlApi.Reply reply = cdn.controlApi().post("/purges", json);
        assertThat(reply.status()).as(reply.body().toString()).isBetween(400, 422);
        assertThat(reply.contentType()).startsWith("application/problem+json");
        assertThat(reply.body().get("detail").asString()).isNotBlank();
    }

    @Test
    void aConfigurationWithAnUnknownKeyIsRefusedWhole() throws Exception {
        assertThat(LocalCdn.metric(cdn.api(), "kingcdn_redirector_config_valid"))
                .isEqualTo(1);
        String good = cdn.files().configuration();
        try {
            cdn.files().replaceYaml(good.replace("hosts: [video", "hsots: [video"));
            await().until(() -> LocalCdn.metric(cdn.api(), "kingcdn_redirector_config_valid") == 0);
            assertThat(cdn.process("redirector").logged()).contains("hsots");
            assertAnswers();
        } finally {
            cdn.files().replaceYaml(good);
        }
        await().until(() -> LocalCdn.metric(cdn.api(), "kingcdn_redirector_config_valid") == 1);
    }

    @Test
    void anUploadCutOffInTheMiddleLeavesNothingVisible() throws Exception {
        String head = "PUT /content/torn HTTP/1.1\r\nHost: origin\r\nAuthorization: Bearer "
                + Files.readString(cdn.files().originToken()) + "\r\nContent-Length: 1000000\r\n\r\n";
        double aborted = LocalCdn.metric(cdn.origin(), "kingcdn_origin_uploads_total", "aborted");
        RawSocket.hangUpAfter(
                cdn.control(), cdn.originPort(), (head + "x".repeat(100_000)).getBytes(StandardCharsets.ISO_8859_1));
        await().until(() -> LocalCdn.metric(cdn.origin(), "kingcdn_origin_uploads_total", "aborted") > aborted);
        assertThat(Curl.get(cdn.origin() + "/torn").status()).isEqualTo(404);
    }

    private String toEdge(String request) throws Exception {
        return RawSocket.http(cdn.edge("nyc"), cdn.contentPort(), request);
    }

    private void assertAnswers() throws Exception {
        assertThat(Dig.query(cdn, LocalCdn.HOST, "+subnet=8.8.8.0/24").data("A"))
                .containsExactly(cdn.edge("nyc"));
    }
}

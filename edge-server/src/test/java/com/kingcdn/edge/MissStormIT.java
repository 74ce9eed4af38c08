package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.ContentServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** A thousand clients that want the same thing at the same moment, none of which the cache has. */
@Timeout(120)
class MissStormIT {

    private static final int CLIENTS = 1_000;
    private static final int FIRST = 8_000;
    private static final byte[] CONTENT = content();

    private final CountDownLatch rest = new CountDownLatch(1);
    private final RawOrigin origin = new RawOrigin((head, in, out) -> {
        out.write(("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: " + CONTENT.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(CONTENT, 0, FIRST);
        out.flush();
        try {
            rest.await();
        } catch (InterruptedException e) {
            return false;
        }
        out.write(CONTENT, FIRST, CONTENT.length - FIRST);
        return true;
    });

    private static byte[] content() {
        byte[] content = new byte[40_000];
        new Random(11).nextBytes(content);
        return content;
    }

    /** The origin holds all but the first octets back until the last client has had those. */
    @Test
    void theOriginIsAskedOnceAndNobodyWaitsForItsEnd() throws IOException {
        List<Socket> clients = new ArrayList<>();
        try (origin;
                ConfigurableApplicationContext edge = SpringApplication.run(
                        EdgeApplication.class,
                        "--spring.main.web-application-type=none",
                        "--kingcdn.edge.listen=127.0.0.1:0",
                        "--kingcdn.edge.memory=64MB",
                        "--kingcdn.edge.origin=" + origin.endpoint().url())) {
            int port = edge.getBean(ContentServer.class).port();
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
                client.setSoTimeout(30_000);
                clients.add(client);
            }
            for (Socket client : clients) {
                client.getOutputStream()
                        .write("GET /title HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            int collapsed = 0;
            for (Socket client : clients) {
                String head = head(client);
                assertThat(head).startsWith("HTTP/1.1 200 OK\r\n");
                collapsed += head.contains("; collapsed") || head.contains("; hit") ? 1 : 0;
                assertThat(client.getInputStream().readNBytes(FIRST)).isEqualTo(part(0, FIRST));
            }
            assertThat(rest.getCount()).as("the origin has sent no more").isEqualTo(1);
            assertThat(collapsed).isEqualTo(CLIENTS - 1);

            rest.countDown();
            for (Socket client : clients) {
                assertThat(client.getInputStream().readNBytes(CONTENT.length - FIRST))
                        .isEqualTo(part(FIRST, CONTENT.length));
            }
            assertThat(origin.heads()).hasSize(1);
        } finally {
            rest.countDown();
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static byte[] part(int from, int end) {
        return Arrays.copyOfRange(CONTENT, from, end);
    }

    private static String head(Socket client) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = client.getInputStream().read();
            if (octet < 0) {
                throw new IOException("closed after: " + head);
            }
            head.append((char) octet);
        }
        return head.toString();
    }
}

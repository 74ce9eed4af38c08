package com.kingcdn.redirector;

import static com.kingcdn.redirector.RunningRedirector.EDGE;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.kingcdn.redirector.api.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The control API's connections, and what no client of HTTP would send over one. */
final class ControlConnectionIT {

    @TempDir
    static Path directory;

    private static RunningRedirector redirector;

    @BeforeAll
    static void start() throws IOException {
        redirector = RunningRedirector.start(directory);
    }

    @AfterAll
    static void stop() {
        redirector.close();
    }

    /** With no token at all: it is the server's to refuse. */
    @Test
    void aTargetThatIsNoneIsABadRequest() throws Exception {
        int port = redirector.request("/", null).build().uri().getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("GET /v1/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    /** Ten of them, since the end of a connection may be seen before what comes of it. */
    @Test
    void anEdgeThatGoesAwayInTheMiddleOfAReportIsNoErrorOfTheRedirector() throws Exception {
        int port = redirector.request("/", null).build().uri().getPort();
        Logger logger = (Logger) LoggerFactory.getLogger(Problem.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            for (int i = 0; i < 10; i++) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream()
                            .write(("POST /v1/reports/rtt HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + EDGE
                                            + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
                                    .getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    assertThat(socket.getInputStream().readAllBytes()).isEmpty();
                }
            }
        } finally {
            logger.detachAppender(lines);
        }
        assertThat(lines.list).isEmpty();
    }
}

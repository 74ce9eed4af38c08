package com.kingcdn.redirector.server;

import static com.kingcdn.redirector.server.DnsMessages.assertAnswers;
import static com.kingcdn.redirector.server.DnsMessages.ends;
import static com.kingcdn.redirector.server.DnsMessages.query;
import static com.kingcdn.redirector.server.DnsMessages.receive;
import static com.kingcdn.redirector.server.DnsMessages.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.xbill.DNS.Type;

/** Connections of TLS: RFC 7858. */
class TlsConnectionsTest {

    @RegisterExtension
    private final RunningListeners listeners = new RunningListeners();

    @Test
    void answersPipelinedQueriesOverTls_rfc7858_3_3() throws Exception {
        try (Socket socket = listeners.tls()) {
            for (int id = 1; id <= 50; id++) {
                send(socket, query("big.kingcdn.example.", Type.TXT, id));
            }
            for (int id = 1; id <= 50; id++) {
                assertThat(receive(socket).getHeader().getID()).isEqualTo(id);
            }
        }
    }

    @Test
    void closesAConnectionThatDoesNotSpeakTls_rfc7858_3_1() throws Exception {
        try (Socket socket = listeners.plainForTls()) {
            send(socket, query("static.kingcdn.example.", Type.A, 1));
            assertThat(ends(socket)).isTrue();
        }
    }

    @Test
    void closesAnIdleConnectionOverTls_rfc7858_3_4() throws Exception {
        listeners.reopen(new ListenerSettings.Tcp(Duration.ofSeconds(2), 10, 4));
        try (Socket idle = listeners.tls()) {
            assertThat(ends(idle)).isTrue();
        }
    }

    @Test
    void countsConnectionsOfTcpAndTlsTogether_rfc7766_6_2_2() throws Exception {
        listeners.reopen(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 2));
        try (Socket first = listeners.tcp();
                Socket second = listeners.tls()) {
            assertAnswers(first);
            assertAnswers(second);
            try (Socket third = listeners.tcp()) {
                assertThat(ends(third)).isTrue();
            }
        }
    }
}

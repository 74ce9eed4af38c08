package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.diagnostics.FailureAnalysis;

class StartFailureAnalyzerTest {

    /** As the launcher passes them on, mistakes and all. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:abc, http://127.0.0.1:1, kingcdn.edge.listen must be HOST:PORT",
        "127.0.0.1, http://127.0.0.1:1, kingcdn.edge.listen must be HOST:PORT",
        "127.0.0.1:0, ftp://origin.example, kingcdn.edge.origin: origin url 'ftp://origin.example' must be http"
    })
    void saysWhichSettingIsWrong(String listen, String origin, String why) {
        Throwable failure = failureOf(listen, origin);

        FailureAnalysis analysis = new StartFailureAnalyzer().analyze(failure);

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).startsWith(why);
        assertThat(analysis.getAction()).contains("Correct");
    }

    @Test
    void namesTheSettingOfEachAddressThatCanBeTaken() {
        Throwable failure =
                new EdgeLifecycle.ListenFailure(new BindException("cannot listen for HTTP/3 on 192.0.2.1:443"));

        FailureAnalysis analysis = new StartFailureAnalyzer().analyze(failure);

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).contains("192.0.2.1:443");
        assertThat(analysis.getAction()).contains("kingcdn.edge.listen=", "kingcdn.edge.tls.listen=");
    }

    @Test
    void leavesADefectItsStackTrace() {
        assertThat(new StartFailureAnalyzer().analyze(new IllegalStateException("of nobody's making")))
                .isNull();
    }

    @Test
    void saysWhichLogCannotBeWritten() {
        Throwable failure = failureOf("127.0.0.1:0", "http://127.0.0.1:1", "--kingcdn.edge.access-log=/nowhere/log");

        FailureAnalysis analysis = new StartFailureAnalyzer().analyze(failure);

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription())
                .startsWith("kingcdn.edge.access-log:")
                .contains("/nowhere/log");
    }

    private static Throwable failureOf(String listen, String origin, String... more) {
        try {
            new SpringApplication(EdgeApplication.class)
                    .run(Stream.concat(
                                    Stream.of(
                                            "--spring.main.web-application-type=none",
                                            "--kingcdn.edge.memory=16MB",
                                            "--kingcdn.edge.listen=" + listen,
                                            "--kingcdn.edge.origin=" + origin),
                                    Stream.of(more))
                            .toArray(String[]::new))
                    .close();
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("it has started");
    }
}

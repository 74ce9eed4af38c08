package com.kingcdn.edge.tls;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CertificateDirectoryTest {

    @TempDir
    Path directory;

    private CertificateDirectory certificates;

    @BeforeEach
    void open() {
        TestCertificates.write(directory, "default");
        TestCertificates.write(directory, "video.netcinema.example");
        TestCertificates.write(directory, "_.books.example");
        certificates = CertificateDirectory.open(directory, Duration.ofHours(1), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        certificates.close();
    }

    private @Nullable String name(@Nullable String serverName) {
        ServerCertificate found = certificates.find(serverName);
        return found == null ? null : found.name();
    }

    private static double metric(String name, String... label) {
        return CollectorRegistry.defaultRegistry.getSampleValue(
                name, label.length == 0 ? label : new String[] {"state"}, label);
    }

    @Test
    void eachNameHasItsOwnElseTheWildcardsElseTheDefault() {
        assertThat(name("video.netcinema.example")).isEqualTo("video.netcinema.example");
        assertThat(name("VIDEO.netcinema.example.")).isEqualTo("video.netcinema.example");
        assertThat(name("shop.books.example")).isEqualTo("*.books.example");
        assertThat(name("a.shop.books.example"))
                .as("a wildcard is one label (RFC 9525 section 6.3)")
                .isEqualTo("default");
        assertThat(name("books.example")).isEqualTo("default");
        assertThat(name("default")).isEqualTo("default");
        assertThat(name(null)).isEqualTo("default");
        assertThat(name("*.books.example")).isEqualTo("*.books.example");
    }

    @Test
    void aBrokenPairLeavesWhatWasThereAndConcernsNobodyElse() throws IOException {
        ServerCertificate before = certificates.find("video.netcinema.example");
        Files.writeString(directory.resolve("video.netcinema.example.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n");
        TestCertificates.write(directory, "new.example");
        Files.delete(directory.resolve("new.example.key"));
        certificates.look();
        assertThat(certificates.find("video.netcinema.example")).isSameAs(before);
        assertThat(name("new.example")).isEqualTo("default");
        assertThat(name("shop.books.example")).isEqualTo("*.books.example");
        assertThat(metric("kingcdn_edge_tls_certificates", "broken")).isEqualTo(2);
        assertThat(metric("kingcdn_edge_tls_certificates", "valid")).isEqualTo(3);

        TestCertificates.write(directory, "video.netcinema.example");
        certificates.look();
        assertThat(certificates.find("video.netcinema.example")).isNotSameAs(before);
        assertThat(metric("kingcdn_edge_tls_certificates", "broken")).isEqualTo(1);
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws IOException {
        ServerCertificate before = certificates.find("video.netcinema.example");
        Files.copy(
                directory.resolve("default.key"),
                directory.resolve("video.netcinema.example.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        certificates.look();
        assertThat(certificates.find("video.netcinema.example")).isSameAs(before);
        assertThat(metric("kingcdn_edge_tls_certificates", "broken")).isEqualTo(1);
    }

    @Test
    void whatIsRemovedIsShownNoMore() throws IOException {
        Files.delete(directory.resolve("video.netcinema.example.crt"));
        certificates.look();
        assertThat(name("video.netcinema.example")).isEqualTo("default");
    }

    @Test
    void aDirectoryThatIsNotThereIsSaidOnceUntilThatChanges() throws IOException {
        Path missing = directory.resolve("later");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(CertificateDirectory.class);
        logged.start();
        logger.addAppender(logged);
        try (CertificateDirectory later = CertificateDirectory.open(missing, Duration.ofHours(1), Clock.systemUTC())) {
            later.look();
            assertThat(logged.list).singleElement().satisfies(line -> assertThat(line.getFormattedMessage())
                    .contains("cannot list", "later"));
            Files.createDirectory(missing);
            later.look();
            Files.delete(missing);
            later.look();
            assertThat(logged.list).as("it was there meanwhile").hasSize(2);
        } finally {
            logger.detachAppender(logged);
        }
    }

    @Test
    void saysWhenTheFirstExpires() {
        Instant past = Instant.now().minusSeconds(60);
        TestCertificates.write(directory, "old.example", past);
        certificates.look();
        assertThat(name("old.example"))
                .as("an expired certificate says more than another's")
                .isEqualTo("old.example");
        assertThat(metric("kingcdn_edge_tls_certificates", "expired")).isEqualTo(1);
        assertThat(metric("kingcdn_edge_tls_earliest_expiry_timestamp_seconds"))
                .isEqualTo((double) past.getEpochSecond());
    }

    /** A client's connection for one customer is no way to another. */
    @Test
    void aConnectionCoversWhatItsCertificateIsFor() {
        assertThat(certificates.covers("video.netcinema.example", "video.netcinema.example"))
                .isTrue();
        assertThat(certificates.covers("video.netcinema.example", "shop.books.example"))
                .isFalse();
        assertThat(certificates.covers("shop.books.example", "news.books.example"))
                .as("one wildcard")
                .isTrue();
        assertThat(certificates.covers("a.example", "b.example"))
                .as("the default is nobody's")
                .isFalse();
        assertThat(certificates.covers("a.example", "a.example")).isTrue();
        assertThat(certificates.covers(null, "127.0.0.1")).isTrue();
        assertThat(certificates.covers(null, "video.netcinema.example")).isFalse();
    }
}

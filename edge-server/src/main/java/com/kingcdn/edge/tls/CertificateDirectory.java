package com.kingcdn.edge.tls;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of certificates, looked at every few seconds: NAME.crt and NAME.key for each host, {@code *.example.com} or
 * {@code _.example.com} for all names below one, and {@code default} for all others.
 *
 * <p>Connections read the table without a lock. A pair that cannot be used is logged once for each change of its files, and leaves in
 * place what the host had before.
 */
public final class CertificateDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateDirectory.class);
    private static final String SUFFIX = ".crt";
    private static final Pattern NAME = Pattern.compile("(?:[*_]\\.)?[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63})*");

    private final Path directory;
    private final InstantSource clock;
    private final Map<String, Host> hosts = new HashMap<>();
    private final ScheduledThreadPoolExecutor poller;
    /** Why the directory could not be listed at the last look; empty when it could. */
    private String lastFailure = "";

    private volatile CertificateTable table = new CertificateTable(Map.of());

    private CertificateDirectory(Path directory, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
        poller = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "tls-certificates");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** A host's files as they were last looked at, and the last certificate of them that could be used. */
    private record Host(List<String> stamp, @Nullable ServerCertificate certificate, boolean broken) {}

    /** Reads the directory, and again every so often until it is closed. */
    public static CertificateDirectory open(Path directory, Duration interval, InstantSource clock) {
        CertificateDirectory certificates = new CertificateDirectory(directory, clock);
        certificates.look();
        certificates.poller.scheduleWithFixedDelay(
                certificates::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        return certificates;
    }

    /**
     * The certificate for a client that asks for this name (RFC 6066 section 3).
     *
     * @param serverName null when it names none
     * @return null when there is none, not even a default
     */
    public @Nullable ServerCertificate find(@Nullable String serverName) {
        return table.find(serverName);
    }

    /** Whether a connection that was opened for one name may carry requests for this host. */
    public boolean covers(@Nullable String serverName, String host) {
        return table.covers(serverName, host);
    }

    /** Looks at the directory now. */
    public synchronized void look() {
        try {
            Map<String, String> found = files();
            lastFailure = "";
            hosts.keySet().removeIf(name -> {
                boolean gone = !found.containsKey(name);
                if (gone) {
                    LOG.info("certificate of {} is gone", name);
                }
                return gone;
            });
            found.forEach(this::refresh);
        } catch (IOException | DirectoryIteratorException e) {
            if (!e.toString().equals(lastFailure)) {
                lastFailure = e.toString();
                LOG.error("cannot list certificates in {}: {}; what is known stays", directory, lastFailure);
            }
        }
        Map<String, ServerCertificate> byName = new HashMap<>();
        hosts.forEach((name, host) -> {
            if (host.certificate() != null) {
                byName.put(name, host.certificate());
            }
        });
        table = new CertificateTable(byName);
        int broken = (int) hosts.values().stream().filter(Host::broken).count();
        TlsMetrics.loaded(byName.values(), broken, clock.instant());
    }

    /** Names of hosts, each with the name of its files. */
    private Map<String, String> files() throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                String fileName = file.getFileName().toString();
                String stem = fileName.substring(0, fileName.length() - SUFFIX.length());
                String name = stem.toLowerCase(Locale.ROOT);
                if (NAME.matcher(name).matches()) {
                    found.put(name.startsWith("_.") ? "*" + name.substring(1) : name, stem);
                }
            }
        }
        return found;
    }

    private void refresh(String name, String fileName) {
        KeyPairFiles files = new KeyPairFiles(directory, fileName);
        Host known = hosts.get(name);
        List<String> stamp = files.stamp();
        if (known != null && known.stamp().equals(stamp)) {
            return;
        }
        try {
            ServerCertificate certificate = ServerCertificate.of(name, files.read());
            hosts.put(name, new Host(stamp, certificate, false));
            TlsMetrics.RELOADS_DONE.inc();
            LOG.info("certificate of {} is valid until {}", name, certificate.notAfter());
        } catch (BrokenCertificateException e) {
            ServerCertificate before = known == null ? null : known.certificate();
            hosts.put(name, new Host(stamp, before, true));
            TlsMetrics.RELOADS_FAILED.inc();
            LOG.error(
                    "certificate of {} cannot be used: {}; {}",
                    name,
                    e.getMessage(),
                    before == null ? "its clients are shown the default, if any" : "the one before stays in use");
        }
    }

    @Override
    public void close() {
        poller.shutdownNow();
    }
}

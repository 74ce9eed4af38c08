package com.kingcdn.redirector;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** A real Unbound that validates, sends client subnets, and asks a signed redirector for everything below {@code example}. */
final class Unbound implements AutoCloseable {

    private final ServerProcess process;
    private final SimpleResolver resolver;

    private Unbound(ServerProcess process, SimpleResolver resolver) {
        this.process = process;
        this.resolver = resolver;
    }

    static Unbound start(Path directory, SignedRedirector redirector) throws IOException {
        int port = ServerProcess.freePort();
        Files.writeString(directory.resolve("anchor.key"), redirector.anchor() + "\n");
        StringBuilder stubs = new StringBuilder();
        for (String zone : List.of("example", "kingcdn.example", "netcinema.example")) {
            stubs.append("stub-zone:\n  name: %s\n  stub-addr: 127.0.0.1@%d\n".formatted(zone, redirector.port()));
        }
        Path config = directory.resolve("unbound.conf");
        Files.writeString(
                config,
                """
                server:
                  interface: 127.0.0.1@%d
                  do-daemonize: no
                  use-syslog: no
                  chroot: ""
                  username: ""
                  pidfile: ""
                  directory: "%s"
                  do-ip6: no
                  do-not-query-localhost: no
                  module-config: "subnetcache validator iterator"
                  send-client-subnet: 127.0.0.0/8
                  client-subnet-always-forward: yes
                  aggressive-nsec: yes
                  trust-anchor-file: "anchor.key"
                  val-log-level: 2
                  num-threads: 1
                  msg-cache-size: 1m
                  rrset-cache-size: 1m
                remote-control:
                  control-enable: no
                """
                                .formatted(port, directory)
                        + stubs);
        ServerProcess process =
                ServerProcess.start(directory.resolve("unbound.log"), "unbound", "-d", "-c", config.toString());
        SimpleResolver resolver = new SimpleResolver(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        resolver.setTimeout(Duration.ofSeconds(5));
        Unbound unbound = new Unbound(process, resolver);
        try {
            await("Unbound answers")
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() ->
                            unbound.ask("example.", Type.SOA, null).getHeader().getCount(Section.ANSWER) > 0);
        } catch (RuntimeException e) {
            unbound.close();
            throw new IllegalStateException(unbound.log(), e);
        }
        return unbound;
    }

    /** @param subnet an IPv4 /24 that is sent along, or null */
    Message ask(String name, int type, @Nullable String subnet) throws IOException {
        Message query = Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN));
        OPTRecord opt = subnet == null
                ? new OPTRecord(1232, 0, 0, ExtendedFlags.DO)
                : new OPTRecord(
                        1232,
                        0,
                        0,
                        ExtendedFlags.DO,
                        List.of(new ClientSubnetOption(24, InetAddress.getByName(subnet))));
        query.addRecord(opt, Section.ADDITIONAL);
        return resolver.send(query);
    }

    /** What it has logged, why a validation failed among it. */
    String log() {
        return process.log();
    }

    @Override
    public void close() {
        process.close();
    }
}

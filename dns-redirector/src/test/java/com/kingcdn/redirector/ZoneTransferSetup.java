package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** A redirector's files by which whoever has one key may copy and change its zone, and a peer is told of each change; and the tools for it. */
final class ZoneTransferSetup {

    static final String SECRET = "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz";

    /** The key as BIND reads it. */
    static final String KEY = "key \"xfr\" {\n  algorithm hmac-sha256;\n  secret \"" + SECRET + "\";\n};\n";

    private final Path directory;
    private final int peer;

    private ZoneTransferSetup(Path directory, int peer) {
        this.directory = directory;
        this.peer = peer;
    }

    static ZoneTransferSetup write(Path directory) throws IOException {
        int peer = ServerProcess.freePort();
        RunningRedirector.prepare(directory);
        Files.writeString(directory.resolve("xfr.key"), KEY);
        Files.writeString(
                directory.resolve("cdn.yaml"),
                RunningRedirector.YAML.replace(
                                "  - {name: kingcdn.example, file: kingcdn.example.zone, cdn: true}\n",
                                """
                          - name: kingcdn.example
                            file: kingcdn.example.zone
                            cdn: true
                            transfer: [{key: xfr, from: [127.0.0.0/8]}]
                            update: [{key: xfr, names: ["*.kingcdn.example"]}]
                            notify: [{address: 127.0.0.1, port: %d, key: xfr}]
                        """
                                        .formatted(peer))
                        + "keys: [{name: xfr, file: xfr.key}]\n");
        return new ZoneTransferSetup(directory, peer);
    }

    /** Has the redirector copy a customer's zone from the peer. */
    void copyCustomerZone() throws IOException {
        Path yaml = directory.resolve("cdn.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml)
                        .replace(
                                "distributions:\n",
                                "  - {name: customer.example, primaries: [{address: 127.0.0.1, port: %d, key: xfr}]}\ndistributions:\n"
                                        .formatted(peer)));
    }

    RunningRedirector start() throws IOException {
        return RunningRedirector.start(directory);
    }

    /** The other servers that go with it. */
    PeerServers peers() {
        return new PeerServers(directory, peer);
    }

    /** Where the redirector takes its peer to be. */
    InetSocketAddress peer() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), peer);
    }

    /** Updates the zone with BIND's tool. @return what that says, nothing when it was done */
    String nsupdate(RunningRedirector redirector, String... lines) throws IOException, InterruptedException {
        String script = "server 127.0.0.1 " + redirector.dns().getPort() + "\nzone kingcdn.example.\n"
                + String.join("\n", lines) + "\nsend\n";
        return Tool.run(List.of("nsupdate", "-k", directory.resolve("xfr.key").toString(), file("update.bind", script)))
                .strip();
    }

    /** Updates a zone with Knot's tool. */
    void knsupdate(InetSocketAddress server, String zone, String... lines) throws IOException, InterruptedException {
        String script = "server 127.0.0.1 " + server.getPort() + "\nzone " + zone + "\n" + String.join("\n", lines)
                + "\nsend\n";
        assertThat(Tool.run(List.of("knsupdate", "-k", knotKey(), file("update.knot", script))))
                .doesNotContain("fail", "error");
    }

    /** What Knot's dig says. */
    static String kdig(RunningRedirector redirector, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "kdig", "@127.0.0.1", "-p", String.valueOf(redirector.dns().getPort())));
        command.addAll(List.of(more));
        return Tool.run(command);
    }

    /** The file of the key as Knot's tools read it. */
    String knotKey() throws IOException {
        return file("knot.key", "hmac-sha256:xfr:" + SECRET + "\n");
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    /** The data of that type which a server answers with. */
    static List<String> data(InetSocketAddress server, String name, int type) throws IOException {
        return ask(server, name, type).getSection(Section.ANSWER).stream()
                .filter(record -> record.getType() == type)
                .map(Record::rdataToString)
                .toList();
    }

    /** How a server answers for an address. */
    static int rcode(InetSocketAddress server, String name) throws IOException {
        return ask(server, name, Type.A).getRcode();
    }

    private static Message ask(InetSocketAddress server, String name, int type) throws IOException {
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setTimeout(Duration.ofSeconds(5));
        return resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN)));
    }
}

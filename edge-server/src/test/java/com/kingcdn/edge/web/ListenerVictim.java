package com.kingcdn.edge.web;

import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.transport.TransportKind;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that greets who connects to it, and then uses all files up that it may have open. It prints its port; told to go on, {@code
 * full}; and once a connection could not be accepted, how often it has tried in the two seconds since. Then it has files again.
 */
final class ListenerVictim {

    private ListenerVictim() {}

    public static void main(String[] arguments) throws IOException {
        Transport transport = Transport.open("victim", 1, TransportKind.valueOf(arguments[0]));
        Listener listener = Listener.open(
                transport, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ListenerVictim::greet);
        // classes are files, too: all that are needed later are loaded by now
        await().until(() -> EdgeMetrics.ACCEPT_FAILURES.get() == 0);
        say(Integer.toString(listener.address().getPort()));
        await().until(() -> System.in.read() == '1');
        List<InputStream> files = new ArrayList<>();
        useAll(files);
        say("full");
        await().pollInterval(Duration.ofMillis(5)).until(() -> EdgeMetrics.ACCEPT_FAILURES.get() > 0);
        double before = EdgeMetrics.ACCEPT_FAILURES.get();
        await().during(Duration.ofSeconds(2)).until(() -> true);
        say(Integer.toString((int) (EdgeMetrics.ACCEPT_FAILURES.get() - before)));
        for (InputStream file : files) {
            file.close();
        }
        await().until(() -> System.in.read() == '2');
        listener.drain();
        transport.close();
    }

    private static boolean greet(Channel channel) {
        channel.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
        return true;
    }

    private static void useAll(List<InputStream> files) {
        while (true) {
            try {
                files.add(Files.newInputStream(Path.of("/dev/zero")));
            } catch (IOException none) {
                return;
            }
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}

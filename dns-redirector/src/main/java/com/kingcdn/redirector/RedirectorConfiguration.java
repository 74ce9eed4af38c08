package com.kingcdn.redirector;

import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.publish.EdgeReports;
import com.kingcdn.redirector.publish.SnapshotPublisher;
import com.kingcdn.redirector.query.CookieSecrets;
import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryPolicy;
import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.ConfigFileWatcher;
import com.kingcdn.redirector.registry.ControlStore;
import com.kingcdn.redirector.registry.JournalControlStore;
import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.rtt.AskingResolvers;
import com.kingcdn.redirector.rtt.RttKeeper;
import com.kingcdn.redirector.rtt.RttMap;
import com.kingcdn.redirector.server.DnsListeners;
import com.kingcdn.redirector.transfer.MappedNameRule;
import com.kingcdn.redirector.transfer.ZoneParser;
import com.kingcdn.redirector.transfer.ZoneRequestHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;

/** The DNS half of a redirector: state, configuration, snapshots, sockets, in the order in which they start. */
@Configuration(proxyBeanMethods = false)
class RedirectorConfiguration {

    private static final int ACCESS_LOG_QUEUE = 65_536;

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** The age of reports must not jump with the wall clock. */
    @Bean
    LongSupplier monotonicMillis() {
        return () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Bean(destroyMethod = "close")
    ControlStore controlStore(RedirectorProperties properties) {
        return properties.state() == null
                ? new MemoryControlStore()
                : new JournalControlStore(
                        properties.state().resolve("journal"),
                        properties.journal().compactAt().toBytes());
    }

    @Bean
    Registries registries(ControlStore store, Clock clock) {
        Registries registries = new Registries(store, clock);
        store.open(registries);
        return registries;
    }

    @Bean
    ZoneParser zoneParser() {
        return new ZoneParser();
    }

    @Bean(destroyMethod = "close")
    ConfigFileWatcher configFileWatcher(RedirectorProperties properties, Registries registries, ZoneParser parser) {
        registries.config().subject(new MappedNameRule(parser));
        ConfigFileReader reader = new ConfigFileReader(parser::parse);
        ConfigFileWatcher watcher = new ConfigFileWatcher(
                properties.configFile(),
                reader,
                registries.config(),
                properties.state() == null ? null : properties.state().resolve("last-valid-configuration.json"));
        watcher.start();
        return watcher;
    }

    @Bean
    ClusterHealth clusterHealth(Registries registries) {
        return new ClusterHealth(registries.nodesDown());
    }

    @Bean
    RttMap rttMap(RedirectorProperties properties) {
        return properties.rtt().map();
    }

    /** @param stateTaken so that no other process writes the same file */
    @Bean(destroyMethod = "close")
    RttKeeper rttKeeper(
            RedirectorProperties properties,
            RttMap map,
            Registries stateTaken,
            Clock clock,
            LongSupplier monotonicMillis) {
        @Nullable
        Path file = properties.state() == null ? null : properties.state().resolve("rtt-map");
        RttKeeper keeper = new RttKeeper(map, file, properties.rtt().keepEvery(), clock, monotonicMillis);
        keeper.start();
        return keeper;
    }

    /** It takes a moment, so while queries are still answered. */
    @Bean
    ApplicationListener<ContextClosedEvent> rttKeptFirst(RttKeeper keeper) {
        return closing -> keeper.close();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    AskingResolvers askingResolvers(LongSupplier monotonicMillis) {
        return new AskingResolvers(monotonicMillis);
    }

    @Bean
    LoadTracker loadTracker() {
        return new LoadTracker();
    }

    @Bean
    EdgeReports edgeReports(ClusterHealth health, LoadTracker load, RttMap rtt) {
        return new EdgeReports(health, load, rtt);
    }

    @Bean(destroyMethod = "close")
    ZoneKeys zoneKeys(RedirectorProperties properties, Clock clock) {
        ZoneKeys keys = new ZoneKeys(properties.dnssec(), properties.state(), clock);
        keys.start();
        return keys;
    }

    @Bean(destroyMethod = "close")
    SnapshotPublisher snapshotPublisher(
            RedirectorProperties properties,
            Registries registries,
            EdgeReports reports,
            ZoneKeys keys,
            ZoneParser parser,
            LongSupplier monotonicMillis,
            ConfigFileWatcher configurationTaken,
            RttKeeper measurementsRead) {
        SnapshotPublisher publisher =
                new SnapshotPublisher(registries, reports, keys, parser, properties.geo(), monotonicMillis);
        publisher.start();
        return publisher;
    }

    @Bean(destroyMethod = "close")
    QueryOutlet queryOutlet(RedirectorProperties properties) {
        @Nullable String target = properties.accessLog();
        try {
            return new QueryOutlet(target == null ? null : JsonLinesLog.open(target, ACCESS_LOG_QUEUE));
        } catch (IOException e) {
            throw new IllegalArgumentException("kingcdn.redirector.access-log: cannot write to the file: " + e, e);
        }
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    ZoneRequestHandler zoneRequestHandler(
            RedirectorProperties properties,
            Registries registries,
            SnapshotPublisher publisher,
            QueryHandler queries,
            Clock clock) {
        return new ZoneRequestHandler(
                publisher.zones(),
                registries.config()::current,
                (query, client, datagram) -> queries.answer(query, client, datagram ? Transport.UDP : Transport.TCP),
                publisher::publishZones,
                properties.copies().settings(properties.state()),
                clock);
    }

    @Bean(destroyMethod = "close")
    CookieRefresh cookieRefresh(RedirectorProperties properties, Clock clock) throws IOException {
        @Nullable Path file = properties.cookies().secretFile();
        return new CookieRefresh(file == null ? CookieSecrets.random(clock.millis()) : CookieSecrets.of(file), clock);
    }

    @Bean
    TcpKeepalive tcpKeepalive(RedirectorProperties properties) {
        return new TcpKeepalive(properties.listeners().tcp().idle());
    }

    @Bean
    QueryHandler queryHandler(
            RedirectorProperties properties,
            SnapshotPublisher publisher,
            QueryOutlet outlet,
            CookieRefresh cookies,
            TcpKeepalive keepalive,
            AskingResolvers resolvers) {
        QueryPolicy policy = new QueryPolicy(
                cookies.secrets(),
                Objects.requireNonNullElse(properties.nsid(), ""),
                keepalive,
                properties.rateLimit().settings());
        return new QueryHandler(publisher, outlet.log(), policy, resolvers::asked);
    }

    @Bean(destroyMethod = "close")
    DnsListeners dnsListeners(
            RedirectorProperties properties, QueryHandler handler, TcpKeepalive keepalive, ZoneRequestHandler requests)
            throws IOException {
        return DnsListeners.open(properties.listeners(), handler, keepalive, requests);
    }

    /** Part of readiness: sockets bound, and a snapshot to answer from. */
    @Bean
    HealthIndicator dnsHealthIndicator(DnsListeners listeners, SnapshotPublisher publisher) {
        return () -> (publisher.isPublished() ? Health.up() : Health.outOfService())
                .withDetail("address", listeners.dnsAddress().toString())
                .build();
    }
}

package com.kingcdn.origin;

import com.kingcdn.control.BearerToken;
import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.metrics.MetricsHandler;
import com.kingcdn.origin.content.ContentStore;
import com.kingcdn.origin.content.StoreMetrics;
import com.kingcdn.origin.ingest.IngestController;
import com.kingcdn.origin.ingest.IngestMetrics;
import com.kingcdn.origin.ingest.Ingestor;
import com.kingcdn.origin.web.ContentHandler;
import com.kingcdn.origin.web.ContentMetrics;
import com.kingcdn.origin.web.RequestTarget;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** What the origin is made of. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OriginProperties.class)
class OriginConfiguration {

    private static final int LOG_QUEUE_LINES = 16_384;

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** One for each application context, so that several in one process do not meet. */
    @Bean
    CollectorRegistry collectorRegistry() {
        CollectorRegistry registry = new CollectorRegistry(true);
        DefaultExports.register(registry);
        return registry;
    }

    @Bean
    ContentStore contentStore(OriginProperties properties, Clock clock, CollectorRegistry registry) {
        try {
            ContentStore store = ContentStore.open(properties.store(), clock);
            new StoreMetrics(store.catalog()).register(registry);
            return store;
        } catch (IOException e) {
            throw new UnusableSettingException("kingcdn.origin.store", e);
        }
    }

    @Bean
    @ConditionalOnProperty("kingcdn.origin.access-log")
    JsonLinesLog accessLog(OriginProperties properties) {
        try {
            return JsonLinesLog.open(String.valueOf(properties.accessLog()), LOG_QUEUE_LINES);
        } catch (IOException e) {
            throw new UnusableSettingException("kingcdn.origin.access-log", e);
        }
    }

    @Bean
    ContentHandler contentHandler(
            ContentStore store,
            OriginProperties properties,
            CollectorRegistry registry,
            ObjectProvider<JsonLinesLog> accessLog,
            Clock clock) {
        return new ContentHandler(
                store, properties.cacheControl(), new ContentMetrics(registry), accessLog.getIfAvailable(), clock);
    }

    /** Content is answered before WebFlux sees it: the kernel sends the file. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> contentRoute(ContentHandler handler) {
        return factory -> factory.addRouteProviders(
                routes -> routes.route(request -> RequestTarget.isContent(request.uri()), handler));
    }

    @Bean
    RouterFunction<ServerResponse> ingestRoutes(
            ContentStore store, OriginProperties properties, CollectorRegistry registry) {
        Ingestor ingestor = new Ingestor(store, properties.upload(), new IngestMetrics(registry));
        return new IngestController(store, ingestor, token(properties)).routes();
    }

    @Bean
    RouterFunction<ServerResponse> metricsRoute(CollectorRegistry registry) {
        return MetricsHandler.routes(registry);
    }

    /** Done before the origin says that it is ready. */
    @Bean
    @ConditionalOnProperty(name = "kingcdn.origin.demo-title", havingValue = "true")
    ApplicationRunner demoTitle(ContentStore store) {
        return arguments -> DemoTitle.putIfAbsent(store);
    }

    private static BearerToken token(OriginProperties properties) {
        try {
            return BearerToken.read(properties.tokenFile());
        } catch (IllegalArgumentException e) {
            throw new UnusableSettingException("kingcdn.origin.token-file", e);
        }
    }
}

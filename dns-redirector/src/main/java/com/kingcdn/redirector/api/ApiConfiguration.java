package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.api.map.MapConfiguration;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.rtt.AskingResolvers;
import com.kingcdn.redirector.rtt.RttMap;
import com.kingcdn.redirector.zone.ServingSnapshot;
import java.util.function.Supplier;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.http.codec.json.JacksonJsonDecoder;
import org.springframework.http.codec.json.JacksonJsonEncoder;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** Makes the control API from what the root provides. */
@Configuration(proxyBeanMethods = false)
@Import(MapConfiguration.class)
public class ApiConfiguration {

    /** The largest request body, in bytes. */
    static final int MAX_BODY_BYTES = 1024 * 1024;

    @Bean
    JsonMapper jsonMapper() {
        return ControlJson.mapper();
    }

    @Bean
    WebFluxConfigurer codecs(JsonMapper json) {
        return new WebFluxConfigurer() {
            @Override
            public void configureHttpMessageCodecs(ServerCodecConfigurer configurer) {
                configurer.defaultCodecs().maxInMemorySize(MAX_BODY_BYTES);
                configurer.defaultCodecs().jacksonJsonDecoder(new JacksonJsonDecoder(json));
                configurer.defaultCodecs().jacksonJsonEncoder(new JacksonJsonEncoder(json));
            }
        };
    }

    @Bean
    ApiErrorHandler apiErrorHandler() {
        return new ApiErrorHandler();
    }

    @Bean
    TokenFilter tokenFilter(ApiTokens tokens) {
        return new TokenFilter(tokens);
    }

    @Bean
    ClusterController clusterController(
            Registries registries, ClusterHealth health, LoadTracker load, ApiClocks clocks) {
        return new ClusterController(registries.config(), new ClusterView(registries.config(), health, load, clocks));
    }

    @Bean
    DistributionController distributionController(Registries registries) {
        return new DistributionController(registries.config());
    }

    @Bean
    PurgeController purgeController(Registries registries, ClusterHealth health, ApiClocks clocks) {
        return new PurgeController(registries, health, clocks);
    }

    @Bean
    FillController fillController(Registries registries, ApiClocks clocks) {
        return new FillController(registries, clocks);
    }

    @Bean
    ExplainController explainController(Supplier<ServingSnapshot> snapshots, ApiClocks clocks) {
        return new ExplainController(snapshots, clocks);
    }

    @Bean
    SigningController signingController(ZoneKeys keys) {
        return new SigningController(keys);
    }

    @Bean
    DryRunController dryRunController(Registries registries, Supplier<ServingSnapshot> snapshots) {
        return new DryRunController(registries.config(), snapshots);
    }

    @Bean
    ReportController reportController(
            Registries registries, ClusterHealth health, LoadTracker load, RttMap rtt, ApiClocks clocks) {
        return new ReportController(registries, new ReportSinks(health, load, rtt), clocks);
    }

    @Bean
    ProbeTargetController probeTargetController(Registries registries, AskingResolvers resolvers) {
        return new ProbeTargetController(registries.config(), resolvers);
    }

    @Bean(destroyMethod = "close")
    EventFeed eventFeed(Registries registries, ApiClocks clocks) {
        return new EventFeed(registries, clocks);
    }

    /** Ended before the server waits for its requests: following events has no end of its own. */
    @Bean
    ApplicationListener<ContextClosedEvent> eventFeedEnd(EventFeed feed) {
        return closing -> feed.close();
    }

    @Bean
    DirectCalls directCalls(ApiTokens tokens, PurgeController purges, ReportController reports, EventFeed feed) {
        return new DirectCalls(tokens, purges::accept, reports::health, reports::load, reports::rtt, feed);
    }
}

package com.kingcdn.redirector;

import com.kingcdn.redirector.server.BackgroundThreads;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** The process of a redirector: assembly only, the work is in the packages below. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(RedirectorProperties.class)
@Import({RedirectorConfiguration.class, ControlPlaneConfiguration.class})
public class RedirectorApplication {

    public static void main(String[] args) {
        SpringApplication.run(RedirectorApplication.class, args);
        BackgroundThreads.lower();
    }
}

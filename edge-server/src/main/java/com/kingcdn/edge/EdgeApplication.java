package com.kingcdn.edge;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** The process of an edge node: assembly only, the work is in the packages below. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(EdgeProperties.class)
public class EdgeApplication {

    /** Of how many buffers one is watched for leaks: Netty's 128 costs a hit a twentieth of its time in stack traces. */
    private static final String LEAK_SAMPLING = "io.netty.leakDetection.samplingInterval";

    public static void main(String[] args) {
        if (System.getProperty(LEAK_SAMPLING) == null) {
            System.setProperty(LEAK_SAMPLING, "8192");
        }
        SpringApplication.run(EdgeApplication.class, args);
    }
}

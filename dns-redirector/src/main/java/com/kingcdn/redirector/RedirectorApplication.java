package com.kingcdn.redirector;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The process of a redirector: assembly only, the work is in the packages below. */
@SpringBootApplication
public class RedirectorApplication {

    public static void main(String[] args) {
        SpringApplication.run(RedirectorApplication.class, args);
    }
}
